#include "capture/rotation.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <utime.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/error.hpp"
#include "capture/savefiles.hpp"

using namespace hepcap;
using namespace hepcap::capture;
using namespace hepcap::capture::test;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start = std::int64_t{1'700'000'000} * second;  // 2023-11-14 22:13:20

class Directory {
public:
    Directory() {
        char name[] = "/tmp/hepcap-rotation-XXXXXX";
        path_ = mkdtemp(name);
    }
    ~Directory() { fs::remove_all(path_); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

    std::set<std::string> names() const {
        std::set<std::string> found;
        for (const auto& entry : fs::directory_iterator(path_))
            found.insert(entry.path().filename().string());
        return found;
    }

private:
    std::string path_;
};

using Names = std::set<std::string>;

Packet packet_at(std::int64_t ns, std::string_view data) {
    Packet packet;
    packet.time.ns = ns;
    packet.link_type = 1;
    packet.original_length = static_cast<std::uint32_t>(data.size());
    packet.data = as_bytes(data);
    return packet;
}

RotationOptions named(std::string name) {
    RotationOptions options;
    options.name = std::move(name);
    return options;
}

void put(RotatingWriter& writer, std::int64_t ns, std::string_view data) {
    writer.tick({ns});
    CHECK(writer.write(packet_at(ns, data), {ns}));
}

std::vector<std::string> contents(const std::string& path) {
    MemoryLog log;
    FileSource source(path, log);
    std::vector<std::string> all;
    for (const Seen& seen : read_all(source)) all.push_back(seen.data);
    CHECK(log.errors.empty());
    return all;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_SUITE("capture") {
    TEST_CASE("a file has its name when it is whole, and not before; one without packets can be read") {
        const Directory dir;
        MemoryLog log;
        RotatingWriter writer(named(dir / "x.pcap"), {start}, log);
        CHECK(dir.names() == Names{"x.pcap.part"});
        CHECK(contents(dir / "x.pcap.part").empty());
        writer.close();
        CHECK(dir.names() == Names{"x.pcap"});
        CHECK(contents(dir / "x.pcap").empty());
        CHECK(writer.files() == 1);
    }

    TEST_CASE("without rotation a file is overwritten, in one step") {
        const Directory dir;
        MemoryLog log;
        for (const char* data : {"old", "new"}) {
            RotatingWriter writer(named(dir / "x.pcap"), {start}, log);
            put(writer, start, data);
            writer.close();
        }
        CHECK(dir.names() == Names{"x.pcap"});
        CHECK(contents(dir / "x.pcap") == Strings{"new"});
    }

    TEST_CASE("by size: every packet is in one file, whole, and no file is overwritten") {
        for (const std::string extension : {".pcap", ".pcap.zst"}) {
            CAPTURE(extension);
            const Directory dir;
            MemoryLog log;
            RotationOptions options = named(dir / ("x" + extension));
            options.max_octets = 1000;
            Strings closed;
            options.on_close = [&](const std::string& name) { closed.push_back(fs::path(name).filename()); };
            const std::string data(300, 'x');  // 316 each: a file of 24 + 4 * 316 is the first over 1,000
            for (int run = 0; run < 2; ++run) {
                RotatingWriter writer(options, {start}, log);
                for (int i = 0; i < 10; ++i) put(writer, start + i, data + std::to_string(i));
                writer.close();
                CHECK(writer.files() == 3);
                CHECK(writer.packets() == 10);
            }
            CHECK(closed == Strings{"x" + extension, "x-1" + extension, "x-2" + extension, "x-3" + extension,
                                    "x-4" + extension, "x-5" + extension});
            CHECK(dir.names() == Names(closed.begin(), closed.end()));
            CHECK(contents(dir / closed[0]).size() == 4);
            CHECK(contents(dir / closed[1]).size() == 4);
            CHECK(contents(dir / closed[2]) == Strings{data + "8", data + "9"});
        }
    }

    TEST_CASE("by size with a count: a ring whose oldest file is overwritten") {
        const Directory dir;
        MemoryLog log;
        RotationOptions options = named(dir / "x.pcap");
        options.max_octets = 30;  // a packet a file
        options.file_count = 12;
        RotatingWriter writer(options, {start}, log);
        for (int i = 0; i < 15; ++i) put(writer, start, std::to_string(i));
        writer.close();
        CHECK(dir.names().size() == 12);
        CHECK(contents(dir / "x-02.pcap") == Strings{"14"});
        CHECK(contents(dir / "x-03.pcap") == Strings{"3"});
        CHECK(contents(dir / "x-11.pcap") == Strings{"11"});
    }

    TEST_CASE("by time: files are named by the time at which they begin, and empty ones are not made") {
        const Directory dir;
        MemoryLog log;
        RotationOptions options = named(dir / "x-%H%M%S.pcap");
        options.period_seconds = 10;
        RotatingWriter writer(options, {start}, log);
        writer.tick({start + 30 * second});  // nothing came yet: the first file waits
        put(writer, start + 31 * second, "a");
        put(writer, start + 32 * second, "b");
        writer.tick({start + 60 * second});
        CHECK(dir.names() == Names{"x-221320.pcap"});
        put(writer, start + 75 * second, "c");
        writer.close();
        CHECK(contents(dir / "x-221320.pcap") == Strings{"a", "b"});
        CHECK(contents(dir / "x-221435.pcap") == Strings{"c"});
        CHECK(dir.names().size() == 2);
    }

    TEST_CASE("by time with a count: it is over after so many files") {
        const Directory dir;
        MemoryLog log;
        RotationOptions options = named(dir / "x-%H%M%S.pcap");
        options.period_seconds = 10;
        options.file_count = 2;
        RotatingWriter writer(options, {start}, log);
        put(writer, start, "a");
        put(writer, start + 10 * second, "b");
        CHECK_FALSE(writer.is_complete());
        writer.tick({start + 20 * second});
        CHECK(writer.is_complete());
        writer.close();
        CHECK(dir.names() == Names{"x-221320.pcap", "x-221330.pcap"});
    }

    TEST_CASE("on demand: a file with packets is changed, one without is not") {
        const Directory dir;
        MemoryLog log;
        RotatingWriter writer(named(dir / "x.pcap"), {start}, log);
        writer.rotate();
        put(writer, start, "a");
        writer.rotate();
        writer.rotate();
        put(writer, start, "b");
        writer.close();
        CHECK(contents(dir / "x.pcap") == Strings{"a"});
        CHECK(contents(dir / "x-1.pcap") == Strings{"b"});
        CHECK(dir.names().size() == 2);
    }

    TEST_CASE("what a crash left is kept under a name of its own, and said") {
        const Directory dir;
        std::ofstream(dir / "x.pcap.part") << "left";
        MemoryLog log;
        RotatingWriter writer(named(dir / "x.pcap"), {start}, log);
        writer.close();
        CHECK(dir.names() == Names{"x.pcap", "x-1.pcap"});
        CHECK(fs::file_size(dir / "x-1.pcap") == 4);
        CHECK(log.warnings.size() == 1);
    }

    TEST_CASE("two writers of one name: the second is refused") {
        const Directory dir;
        MemoryLog log;
        RotatingWriter first(named(dir / "x.pcap"), {start}, log);
        CHECK_THROWS_AS(RotatingWriter(named(dir / "x.pcap"), {start}, log), Error);
        put(first, start, "a");
        first.close();
        CHECK(contents(dir / "x.pcap") == Strings{"a"});
    }

    TEST_CASE("a file that may not grow keeps the packets that are whole, and the others are counted") {
        for (const std::string extension : {".pcap", ".pcapng", ".pcap.zst"}) {
            CAPTURE(extension);
            const Directory dir;
            MemoryLog log;
            RotationOptions options = named(dir / ("x" + extension));
            if (extension == ".pcapng") options.savefile.form = SavefileForm::pcapng;
            RotatingWriter writer(options, {start}, log);
            std::signal(SIGXFSZ, SIG_IGN);
            rlimit before{};
            getrlimit(RLIMIT_FSIZE, &before);
            const rlimit limit{1'000'000, before.rlim_max};
            setrlimit(RLIMIT_FSIZE, &limit);
            std::uint64_t taken = 0;
            std::string data(1000, 'x');
            std::uint32_t state = 1;
            std::string sentence;
            try {
                for (; taken < 20'000; ++taken) {
                    for (char& c : data) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
                    writer.tick({start});
                    if (!writer.write(packet_at(start, data), {start})) break;
                }
                writer.close();
            } catch (const Error& error) {
                sentence = error.what();
            }
            setrlimit(RLIMIT_FSIZE, &before);
            CHECK(sentence.find("File too large") != std::string::npos);
            CHECK(writer.packets() + writer.lost() == taken + 1);
            writer.close();
            if (extension != ".pcap.zst") {
                CHECK(writer.packets() > 950);  // a million octets hold that many
                CHECK(contents(dir / ("x" + extension)).size() == writer.packets());
                CHECK(dir.names() == Names{"x" + extension});
            } else {
                // Not one frame was whole.
                CHECK(writer.packets() == 0);
                CHECK(dir.names().empty());
            }
        }
    }

    TEST_CASE("old files of the name go by age or by size, never the newest, never others'") {
        const Directory dir;
        MemoryLog log;
        for (const char* name : {"x-1.pcap", "x-2.pcap", "y.pcap", "x-z.pcap"}) {
            std::ofstream(dir / name) << std::string(1000, 'x');
            const utimbuf old{1'000'000'000 + name[2], 1'000'000'000 + name[2]};
            utime((dir / name).c_str(), &old);
        }
        SUBCASE("by age") {
            RotationOptions options = named(dir / "x.pcap");
            options.keep_days = 30;
            RotatingWriter writer(options, {start}, log);
            writer.close();
            CHECK(dir.names() == Names{"x.pcap", "x-z.pcap", "y.pcap"});
            CHECK(writer.removed() == 2);
        }
        SUBCASE("by size") {
            RotationOptions options = named(dir / "x.pcap");
            options.keep_octets = 1500;
            RotatingWriter writer(options, {start}, log);
            writer.close();
            CHECK(dir.names() == Names{"x.pcap", "x-2.pcap", "x-z.pcap", "y.pcap"});
        }
        SUBCASE("a newest one that is too large by itself") {
            RotationOptions options = named(dir / "x.pcap");
            options.keep_octets = 1;
            RotatingWriter writer(options, {start}, log);
            writer.close();
            CHECK(dir.names() == Names{"x.pcap", "x-z.pcap", "y.pcap"});
        }
    }

    TEST_CASE("options that contradict each other are wrong usage") {
        const Directory dir;
        MemoryLog log;
        RotationOptions both = named(dir / "x.pcap");
        both.max_octets = both.period_seconds = both.file_count = 2;
        RotationOptions alone = named(dir / "x.pcap");
        alone.file_count = 2;
        RotationOptions dated = named(dir / "%Y/x.pcap");
        dated.keep_days = 2;
        RotationOptions device = named("/dev/null");
        device.max_octets = 2;
        for (const RotationOptions& options : {both, alone, dated, device}) {
            try {
                RotatingWriter writer(options, {start}, log);
                FAIL("accepted");
            } catch (const Error& error) {
                CHECK(error.code() == ExitCode::usage);
            }
        }
        CHECK(dir.names().empty());
    }

    TEST_CASE("a directory that cannot be written is said at the start, and missing ones are made") {
        const Directory dir;
        MemoryLog log;
        CHECK_THROWS_AS(RotatingWriter(named("/proc/none/x.pcap"), {start}, log), Error);
        RotatingWriter writer(named(dir / "%Y/%m/x.pcap"), {start}, log);
        writer.close();
        CHECK(fs::exists(dir / "2023/11/x.pcap"));
    }
}
