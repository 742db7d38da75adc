#include "collect/rotated_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "base/error.hpp"

using hepcap::collect::RotatedFile;
using std::chrono::seconds;

namespace {

namespace fs = std::filesystem;

struct Directory {
    fs::path path;
    Directory() {
        std::string name = (fs::temp_directory_path() / "hepcap-rotated-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Directory() { fs::remove_all(path); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    std::string of(const std::string& name) const { return (path / name).string(); }
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(path))
            found.push_back(entry.path().filename().string());
        std::sort(found.begin(), found.end());
        return found;
    }
    std::string contents(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(of(name)).rdbuf();
        return text.str();
    }
};

}  // namespace

TEST_SUITE_BEGIN("collect");

TEST_CASE("a file has its name when it is complete, and begins with the preamble") {
    const Directory directory;
    RotatedFile file(directory.of("x"), "head ", seconds(86'400));
    file.write("one ", 1);
    file.write("two", 1);
    CHECK(directory.names() == std::vector<std::string>{"x.part"});
    file.end();
    CHECK(directory.names() == std::vector<std::string>{"x"});
    CHECK(directory.contents("x") == "head one two");
}

TEST_CASE("a name that is taken is numbered, and nothing leaves no file") {
    const Directory directory;
    {
        RotatedFile file(directory.of("x.pcap"), "h", seconds(86'400));
        file.write("1", 1);
        file.end();
        file.end();
        file.write("2", 1);
        file.end();
        RotatedFile idle(directory.of("idle"), "h", seconds(86'400));
        idle.end();
        idle.tick();
        CHECK_FALSE(idle.due().has_value());
    }
    CHECK(directory.names() == std::vector<std::string>{"x-1.pcap", "x.pcap"});
    CHECK(directory.contents("x-1.pcap") == "h2");
}

TEST_CASE("a file ends with its period, whether something comes or not") {
    const Directory directory;
    RotatedFile file(directory.of("x-%S"), "", seconds(1));
    file.write("1", 1);
    REQUIRE(file.due().has_value());
    CHECK(*file.due() - RotatedFile::Clock::now() <= seconds(1));
    std::this_thread::sleep_until(*file.due());
    file.tick();
    CHECK_FALSE(file.due().has_value());
    file.write("2", 1);
    std::this_thread::sleep_until(*file.due());
    file.write("3", 1);
    file.end();
    CHECK(directory.names().size() == 3);
}

TEST_CASE("a directory that cannot be written to is noticed at once") {
    CHECK_THROWS_AS(RotatedFile("/proc/absent/x", "", seconds(60)), hepcap::Error);
}

TEST_SUITE_END();
