#include "collect/output_queue.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.hpp"

using namespace hepcap;
using collect::Drop;
using collect::OutputQueue;
using collect::SharedTally;
using collect::Tally;

TEST_SUITE_BEGIN("collect");

namespace {

struct Folder {
    Folder() {
        char pattern[] = "/tmp/hepcap-queue-XXXXXX";
        path = ::mkdtemp(pattern);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file(const std::string& name) const { return path + "/" + name; }
    std::string read(const std::string& name) const {
        std::ifstream in(file(name), std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

    std::string path;
};

struct Fixture {
    control::Counters counters;
    SharedTally tally{counters};
    bool has_ended = false;
    Folder folder;

    std::uint64_t lost(Drop drop) const {
        return tally.value(Tally::first_drop + static_cast<std::size_t>(drop));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "blocks come out whole and in order, behind the preamble, and are counted") {
    OutputQueue queue({.path = folder.file("out"), .preamble = "head\n"}, tally, [&] { has_ended = true; });
    queue.start();
    std::string wanted = "head\n";
    const std::string large(600'000, 'x');
    for (int i = 0; i < 1000; ++i) {
        const std::string block = i % 100 == 7 ? large : "block " + std::to_string(i) + "\n";
        REQUIRE(queue.put(block, 2));
        wanted += block;
    }
    queue.close();
    CHECK(folder.read("out") == wanted);
    CHECK(tally.written() == 2000);
    CHECK(queue.queued() == 0);
    CHECK_FALSE(has_ended);
}

TEST_CASE_FIXTURE(Fixture, "where there is no room it says so at once, and what it took comes out") {
    OutputQueue queue({.path = folder.file("out"), .capacity = 10}, tally, [] {});
    CHECK(queue.put("a block larger than all the room there is", 1));  // nobody writes yet
    CHECK_FALSE(queue.put("x", 1));
    CHECK(queue.is_full());
    queue.start();
    queue.close();
    CHECK(folder.read("out") == "a block larger than all the room there is");
    CHECK(tally.written() == 1);
}

TEST_CASE_FIXTURE(Fixture, "who is to wait for room waits, and loses nothing") {
    OutputQueue queue({.path = folder.file("out"), .capacity = 10, .waits = true}, tally, [] {});
    REQUIRE(queue.put("0123456789", 1));
    CHECK_FALSE(queue.is_full());  // it never is for those who wait
    std::thread patient([&] { CHECK(queue.put("more", 1)); });
    while (!queue.is_waited_for()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    queue.start();
    patient.join();
    queue.close();
    CHECK(folder.read("out") == "0123456789more");
}

TEST_CASE_FIXTURE(Fixture, "a file that was moved away is made anew, one that was not goes on") {
    OutputQueue queue({.path = folder.file("out"), .preamble = "head\n"}, tally, [] {});
    queue.start();
    REQUIRE(queue.put("one\n", 1));
    queue.reopen();
    while (tally.written() < 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    REQUIRE(queue.put("two\n", 1));
    while (tally.written() < 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::filesystem::rename(folder.file("out"), folder.file("old"));
    queue.reopen();
    while (!std::filesystem::exists(folder.file("out")))
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    REQUIRE(queue.put("three\n", 1));
    queue.close();
    CHECK(folder.read("old") == "head\none\ntwo\n");
    CHECK(folder.read("out") == "head\nthree\n");
}

TEST_CASE_FIXTURE(Fixture, "a full disk is an end with a reason, and what could not be written is counted") {
    if (!std::filesystem::exists("/dev/full")) return;
    OutputQueue queue({.path = "/dev/full"}, tally, [&] { has_ended = true; });
    queue.start();
    REQUIRE(queue.put("x", 3));
    while (lost(Drop::write_failed) < 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    REQUIRE(queue.put("y", 4));  // nobody has to wait for an output that is gone
    queue.close();
    CHECK(has_ended);
    REQUIRE(queue.failure());
    CHECK(*queue.failure() == "cannot write to '/dev/full': No space left on device");
    CHECK_FALSE(queue.is_reader_gone());
    CHECK(lost(Drop::write_failed) == 7);
    CHECK(tally.written() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a file that may not grow is whole, and holds what is counted as written") {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    std::string block(10'000, 'x');
    std::uint32_t state = 1;
    for (const auto& [name, period] : {std::pair{"out", 0}, {"part", 3600}, {"part.zst", 3600}}) {
        CAPTURE(std::string(name));
        const std::uint64_t written_before = tally.written();
        const std::uint64_t lost_before = lost(Drop::write_failed);
        OutputQueue queue({.path = folder.file(name), .period = std::chrono::seconds(period)}, tally, [] {});
        const rlimit limit{1'000'005, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
        queue.start();
        for (int i = 0; i < 300; ++i) {
            // Nothing that a compressor could make shorter.
            for (char& c : block) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
            REQUIRE(queue.put(block, 7));
            while (queue.queued() > 0) std::this_thread::yield();
        }
        queue.close();
        setrlimit(RLIMIT_FSIZE, &before);
        REQUIRE(queue.failure());
        CHECK(queue.failure()->ends_with("what was written before is whole"));
        const std::uint64_t written = tally.written() - written_before;
        CHECK(written + lost(Drop::write_failed) - lost_before == 2100);
        const std::string file = folder.read(period == 0 ? name : std::string(name) + ".part");
        // Of a compressed one not a frame was whole.
        CHECK(written == (std::string(name).ends_with(".zst") ? 0 : 700));
        CHECK(file.size() == written / 7 * block.size());
    }
}

TEST_CASE_FIXTURE(Fixture, "a file that cannot be made is an error before anything starts") {
    CHECK_THROWS_WITH_AS(OutputQueue({.path = "/nonexistent/x"}, tally, [] {}),
                         "cannot create '/nonexistent/x': No such file or directory", Error);
}

TEST_SUITE_END();
