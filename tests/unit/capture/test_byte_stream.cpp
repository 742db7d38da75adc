#include "capture/byte_stream.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "capture/savefiles.hpp"

using namespace hepcap;
using namespace hepcap::capture;
using namespace hepcap::capture::test;

namespace {

Octets numbered(std::size_t n) {
    Octets octets(n);
    for (std::size_t i = 0; i < n; ++i) octets[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    return octets;
}

// Takes everything in steps of `step`, and checks positions on the way.
Octets drain(ByteStream& stream, std::size_t step) {
    Octets all;
    for (;;) {
        const Bytes view = stream.ensure(step);
        const std::size_t n = std::min(step, view.size());
        if (n == 0) return all;
        all.insert(all.end(), view.begin(), view.begin() + static_cast<std::ptrdiff_t>(n));
        stream.consume(n);
        CHECK(stream.position() == all.size());
    }
}

struct TemporaryFile {
    explicit TemporaryFile(const Octets& octets)
        : path(std::filesystem::temp_directory_path() / ("hepcap-stream-" + std::to_string(::getpid()))) {
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
    }
    ~TemporaryFile() { std::filesystem::remove(path); }
    std::filesystem::path path;
};

}  // namespace

TEST_SUITE("capture") {
    TEST_CASE("a stream gives the same octets whatever the pieces they come in") {
        const Octets plain = numbered(20'000);
        const struct {
            std::string name;
            Octets stored;
        } rows[] = {
            {"plain", plain},
            {"gzip", gzip(plain)},
            {"gzip of three members", gzip(plain) + gzip({}) + gzip(plain)},
            {"gzip filled up with zeros", gzip(plain) + Octets(700)},
            {"zstd", zstd(plain)},
            {"zstd of two frames", zstd(plain) + zstd(plain)},
            {"zstd behind a skippable frame", Octets{0x51, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9} + zstd(plain)},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            ByteStream whole(reading(row.stored));
            const Octets expected = drain(whole, 100);
            CHECK(expected.size() % plain.size() == 0);
            CHECK(std::equal(plain.begin(), plain.end(), expected.begin()));
            for (const std::size_t piece : {1, 7, 4096}) {
                CAPTURE(piece);
                ByteStream pieces(reading(row.stored, piece), 4096);
                CHECK(drain(pieces, 999) == expected);
                CHECK(pieces.failure() == StreamFailure::none);
            }
        }
    }

    TEST_CASE("the window grows to what one packet needs") {
        const Octets plain = numbered(3'000'000);
        ByteStream stream(reading(plain), 4096);
        CHECK(stream.ensure(10).size() <= 4096);
        stream.consume(10);
        const Bytes view = stream.ensure(2'000'000);
        REQUIRE(view.size() >= 2'000'000);
        CHECK(std::equal(view.begin(), view.end(), plain.begin() + 10));
        CHECK(stream.position() == 10);
    }

    TEST_CASE("octets behind the end may be read") {
        ByteStream stream(reading(numbered(4096)), 4096);
        const Bytes view = stream.ensure(4096);
        unsigned sum = 0;
        for (std::size_t i = 0; i < ByteStream::slack; ++i) sum += view.data()[view.size() + i];
        CHECK(sum == 0);
    }

    TEST_CASE("stepping over more than the window holds nothing") {
        const Octets plain = numbered(100'000);
        ByteStream stream(reading(plain), 4096);
        CHECK(stream.skip(90'000));
        CHECK(stream.position() == 90'000);
        CHECK(stream.ensure(1)[0] == plain[90'000]);
        CHECK_FALSE(stream.skip(10'001));
    }

    TEST_CASE("what is wrong with compressed data is named, and what came before it is given") {
        const Octets plain = numbered(50'000);
        Octets bad_checksum = gzip(plain);
        bad_checksum[bad_checksum.size() - 6] ^= 1;
        const Octets gzip_cut = without_last(gzip(plain), 9);
        const Octets zstd_cut = without_last(zstd(plain), 1);
        const Octets zstd_bad = zstd(plain) + Octets{1, 2, 3, 4, 5, 6, 7, 8};
        // A frame header that asks for a window of 2^41 octets (RFC 8878 section 3.1.1.1.2).
        const Octets zstd_wide{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 1, 0, 0, 0};
        const struct {
            std::string name;
            Octets stored;
            StreamFailure failure;
            std::size_t given;
        } rows[] = {
            {"gzip checksum", bad_checksum, StreamFailure::corrupt_gzip, 50'000},
            {"gzip end missing", gzip_cut, StreamFailure::cut_gzip, 49'000},
            {"something behind gzip", gzip(plain) + Octets{0, 0, 'x'}, StreamFailure::gzip_trailer, 50'000},
            {"zstd end missing", zstd_cut, StreamFailure::cut_zstd, 0},
            {"something behind zstd", zstd_bad, StreamFailure::corrupt_zstd, 50'000},
            {"zstd window too large", zstd_wide, StreamFailure::zstd_window, 0},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            ByteStream stream(reading(row.stored));
            const Octets given = drain(stream, 1000);
            CHECK(given.size() >= row.given);
            CHECK(std::equal(given.begin(), given.end(), plain.begin()));
            CHECK(stream.failure() == row.failure);
            CHECK_FALSE(stream.failure_sentence().empty());
        }
    }

    TEST_CASE("a read that fails ends the stream and keeps the system's reason") {
        ByteStream stream(reading(numbered(5000), 1 << 20, true));
        CHECK(drain(stream, 1000).size() == 5000);
        CHECK(stream.failure() == StreamFailure::read_error);
        CHECK(stream.failure_sentence() == "it cannot be read further (Input/output error)");
    }

    TEST_CASE("a name that cannot be opened is refused with the system's reason") {
        CHECK_THROWS_WITH_AS(ByteStream("/nonexistent/x.pcap"),
                             "cannot open '/nonexistent/x.pcap': No such file or directory", Error);
        CHECK_THROWS_WITH_AS(ByteStream("/"),
                             "cannot read '/': it is a directory; name the capture files in it", Error);
    }

    TEST_CASE("a file is read from disk to its end") {
        const TemporaryFile file(numbered(600'000));
        ByteStream stream(file.path.string());
        CHECK(drain(stream, 1500) == numbered(600'000));
    }

    TEST_CASE("a reader that has to wait says so first, and only then") {
        const std::filesystem::path path =
            std::filesystem::temp_directory_path() / ("hepcap-fifo-" + std::to_string(::getpid()));
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        const int writer = ::open(path.c_str(), O_RDWR);
        REQUIRE(writer >= 0);
        REQUIRE(::write(writer, "0123456789abcdef", 16) == 16);
        int waits = 0;
        StreamOptions options;
        options.before_wait = [&] {
            ++waits;
            REQUIRE(::write(writer, "more", 4) == 4);
        };
        ByteStream stream(path.string(), options);
        CHECK(stream.ensure(16).size() == 16);
        CHECK(waits == 0);
        CHECK(stream.ensure(20).size() == 20);
        CHECK(waits == 1);
        ::close(writer);
        std::filesystem::remove(path);
    }
}
