#include "record/line_reader.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"

using namespace hepcap;
using record::LineReader;

namespace {

// Gives `text` out in pieces of `step` octets.
LineReader::Read read_in_steps(std::string text, std::size_t step) {
    return [text = std::move(text), step, at = std::size_t{0}](char* to, std::size_t size) mutable {
        const std::size_t count = std::min({step, size, text.size() - at});
        std::memcpy(to, text.data() + at, count);
        at += count;
        return count;
    };
}

// The lines as text, "!" for one that is too long.
std::vector<std::string> lines_of(LineReader reader) {
    std::vector<std::string> lines;
    std::string_view line;
    while (true) {
        switch (reader.next(line)) {
            case LineReader::Outcome::line: lines.emplace_back(line); break;
            case LineReader::Outcome::too_long: lines.emplace_back("!"); break;
            case LineReader::Outcome::end: CHECK(reader.line_number() == lines.size()); return lines;
        }
    }
}

struct Pipe {
    std::array<int, 2> ends{};
    Pipe() { REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0); }
    ~Pipe() {
        close(ends[0]);
        close_writer();
    }
    void write(std::string_view text) const {
        REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    void close_writer() {
        if (ends[1] >= 0) close(ends[1]);
        ends[1] = -1;
    }
};

}  // namespace

TEST_SUITE("record") {
    TEST_CASE("lines come out the same however the input is cut into reads") {
        const std::string text = "one\n\ntwo\r\n" + std::string(3000, 'x') + "\nlast";
        const std::vector<std::string> expected{"one", "", "two\r", std::string(3000, 'x'), "last"};
        for (const std::size_t step : {1u, 2u, 7u, 1000u, 100000u}) {
            CAPTURE(step);
            CHECK(lines_of(LineReader(read_in_steps(text, step))) == expected);
        }
    }

    TEST_CASE("a line longer than allowed is skipped to its end and counted once") {
        struct Row {
            const char* name;
            std::string text;
            std::vector<std::string> lines;
        };
        const std::string longest(100, 'a');
        const std::string longer(101, 'b');
        const std::string huge(5000, 'c');
        const std::vector<Row> rows{
            {"as long as may be", longest + "\nx\n", {longest, "x"}},
            {"one octet more", longer + "\nx\n", {"!", "x"}},
            {"many buffers more", "x\n" + huge + "\ny", {"x", "!", "y"}},
            {"at the end without a line feed", "x\n" + huge, {"x", "!"}},
            {"two in a row", huge + "\n" + huge + "\n", {"!", "!"}},
            {"as long as may be, without a line feed", longest, {longest}},
        };
        for (const Row& row : rows) {
            for (const std::size_t step : {1u, 64u, 100000u}) {
                CAPTURE(row.name);
                CAPTURE(step);
                CHECK(lines_of(LineReader(read_in_steps(row.text, step), 100)) == row.lines);
            }
        }
    }

    TEST_CASE("an input that never ends a line does not grow memory beyond the longest line") {
        std::size_t largest = 0;
        std::size_t left = 10'000'000;
        LineReader reader(
            [&](char* to, std::size_t size) {
                largest = std::max(largest, size);
                const std::size_t count = std::min(left, size);
                std::memset(to, 'x', count);
                left -= count;
                return count;
            },
            1000);
        std::string_view line;
        CHECK(reader.next(line) == LineReader::Outcome::too_long);
        CHECK(reader.next(line) == LineReader::Outcome::end);
        CHECK(largest <= 1001);
    }

    TEST_CASE("no input has no lines") { CHECK(lines_of(LineReader(read_in_steps("", 1))).empty()); }

    TEST_CASE("before it waits the reader asks, and a line already there is not waited for") {
        Pipe pipe;
        pipe.write("one\ntwo\nthr");
        int asked = 0;
        LineReader reader(pipe.ends[0], "pipe", [&] {
            if (++asked == 1) {
                pipe.write("ee\n");
                return 10;
            }
            return LineReader::stop;
        });
        std::string_view line;
        CHECK(reader.next(line) == LineReader::Outcome::line);
        CHECK(reader.next(line) == LineReader::Outcome::line);
        CHECK(asked == 0);
        CHECK(reader.next(line) == LineReader::Outcome::line);
        CHECK(line == "three");
        CHECK(asked == 1);
        CHECK(reader.next(line) == LineReader::Outcome::end);
        CHECK(asked == 2);
    }

    TEST_CASE("the reader asks again when the time is over that it was told to wait") {
        Pipe pipe;
        int asked = 0;
        LineReader reader(pipe.ends[0], "pipe", [&] {
            if (++asked == 3) pipe.close_writer();
            return 1;
        });
        std::string_view line;
        CHECK(reader.next(line) == LineReader::Outcome::end);
        CHECK(asked == 3);
    }

    TEST_CASE("a signal while the reader waits makes it ask again at once") {
        struct sigaction quiet {};
        quiet.sa_handler = [](int) {};
        struct sigaction before {};
        REQUIRE(sigaction(SIGALRM, &quiet, &before) == 0);
        Pipe pipe;
        int asked = 0;
        LineReader reader(pipe.ends[0], "pipe", [&] {
            if (++asked > 1) return LineReader::stop;
            ualarm(20'000, 0);
            return LineReader::forever;
        });
        const auto begin = std::chrono::steady_clock::now();
        std::string_view line;
        CHECK(reader.next(line) == LineReader::Outcome::end);
        CHECK(asked == 2);
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(400));
        sigaction(SIGALRM, &before, nullptr);
    }

    TEST_CASE("a descriptor that does not block is waited for") {
        Pipe pipe;
        REQUIRE(fcntl(pipe.ends[0], F_SETFL, O_NONBLOCK) == 0);
        std::jthread writer([&] {
            usleep(20'000);
            pipe.write("late\n");
        });
        LineReader reader(pipe.ends[0], "pipe");
        std::string_view line;
        CHECK(reader.next(line) == LineReader::Outcome::line);
        CHECK(line == "late");
    }

    TEST_CASE("a directory is refused by name") {
        const int fd = open("/", O_RDONLY | O_CLOEXEC);
        CHECK_THROWS_WITH_AS(LineReader(fd, "some/where"), "cannot read 'some/where': it is a directory",
                             Error);
        close(fd);
    }

    TEST_CASE("a descriptor that cannot be read is an error with name and cause") {
        LineReader reader(-1, "x.ndjson");
        std::string_view line;
        CHECK_THROWS_WITH_AS(reader.next(line), "cannot read 'x.ndjson': Bad file descriptor", Error);
    }
}
