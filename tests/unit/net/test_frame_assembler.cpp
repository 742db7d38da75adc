#include "net/frame_assembler.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace hepcap;
using net::FrameAssembler;

TEST_SUITE_BEGIN("net");

namespace {

// A toy protocol: a frame is a digit that says how many octets follow it; '!' begins none.  "?" needs the
// next octet as well, which is the digit.
std::ptrdiff_t size_of(Bytes beginning) {
    std::size_t head = 0;
    if (beginning[0] == '?') {
        if (beginning.size() < 2) return 0;
        head = 1;
    }
    if (beginning[head] < '0' || beginning[head] > '9') return -1;
    return static_cast<std::ptrdiff_t>(head + 1 + (beginning[head] - '0'));
}

struct Seen {
    std::vector<std::string> frames;
    std::size_t pending = 0;
    bool is_good = true;

    friend bool operator==(const Seen&, const Seen&) = default;
};

template <class Pieces>
Seen feed(const Pieces& pieces) {
    FrameAssembler assembler;
    Seen seen;
    for (const std::string& piece : pieces) {
        seen.is_good = assembler.feed(as_bytes(piece), size_of,
                                      [&](Bytes frame) { seen.frames.emplace_back(as_text(frame)); });
        if (!seen.is_good) break;
    }
    seen.pending = seen.is_good ? assembler.pending() : 0;
    return seen;
}

}  // namespace

TEST_CASE("frames are the same however the stream is cut in two or three") {
    const std::string stream =
        "3abc0?2de1f?0"
        "4gh";
    const Seen whole = feed(std::vector{stream});
    CHECK(whole.frames == std::vector<std::string>{"3abc", "0", "?2de", "1f", "?0"});
    CHECK(whole.pending == 3);
    for (std::size_t i = 0; i <= stream.size(); ++i) {
        for (std::size_t j = i; j <= stream.size(); ++j) {
            CAPTURE(i);
            CAPTURE(j);
            CHECK(feed(std::vector{stream.substr(0, i), stream.substr(i, j - i), stream.substr(j)}) == whole);
        }
    }
}

TEST_CASE("frames are the same when each octet comes alone") {
    const std::string stream =
        "9123456789?9123456789"
        "0";
    std::vector<std::string> octets;
    for (const char c : stream) octets.emplace_back(1, c);
    CHECK(feed(octets) == feed(std::vector{stream}));
}

TEST_CASE("what is no frame ends the stream after the frames before it, wherever it is cut") {
    const std::string stream = "1a?!2bc";
    for (std::size_t i = 0; i <= stream.size(); ++i) {
        CAPTURE(i);
        const Seen seen = feed(std::vector{stream.substr(0, i), stream.substr(i)});
        CHECK_FALSE(seen.is_good);
        CHECK(seen.frames == std::vector<std::string>{"1a"});
    }
}

TEST_CASE("every prefix gives a prefix of the frames") {
    const std::string stream = "3abc?2de0";
    const std::vector<std::string> all = feed(std::vector{stream}).frames;
    for (std::size_t i = 0; i <= stream.size(); ++i) {
        const Seen seen = feed(std::vector{stream.substr(0, i)});
        CHECK(seen.is_good);
        CHECK(std::equal(seen.frames.begin(), seen.frames.end(), all.begin()));
        std::size_t octets = seen.pending;
        for (const std::string& frame : seen.frames) octets += frame.size();
        CHECK(octets == i);
    }
}

TEST_SUITE_END();
