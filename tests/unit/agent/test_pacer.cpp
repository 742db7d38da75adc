#include "agent/pacer.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace hepcap;
using agent::Pacer;
using agent::parse_speed;

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start = 5'000 * second;

Timestamp at(double seconds) { return {1'764'950'400 * second + static_cast<std::int64_t>(seconds * 1e9)}; }

}  // namespace

TEST_SUITE("agent") {
    TEST_CASE("a pace is a factor or max, and nothing else") {
        CHECK(parse_speed("max") == 0.0);
        CHECK(parse_speed("1x") == 1.0);
        CHECK(parse_speed("0.5x") == 0.5);
        CHECK(parse_speed("10x") == 10.0);
        for (const char* text :
             {"", "x", "1", "10", "0x", "-1x", "infx", "nanx", "1xx", " 1x", "1e9x", "1e-9x", "MAX"}) {
            CAPTURE(text);
            CHECK_FALSE(parse_speed(text));
        }
    }

    TEST_CASE("at the pace of the capture a message is due as long after the first as it was captured") {
        Pacer pacer({1, 0});
        CHECK(pacer.due(at(0), start) == start);
        CHECK(pacer.due(at(1.5), start + 7) == start + 3 * second / 2);
        CHECK(pacer.due(at(90), start) == start + 90 * second);
    }

    TEST_CASE("a factor divides the pauses") {
        Pacer fast({10, 0});
        fast.due(at(0), start);
        CHECK(fast.due(at(50), start) == start + 5 * second);
        Pacer slow({0.5, 0});
        slow.due(at(0), start);
        CHECK(slow.due(at(2), start) == start + 4 * second);
    }

    TEST_CASE("as fast as it goes, every message is due now") {
        Pacer pacer({});
        CHECK(pacer.due(at(0), start) == start);
        CHECK(pacer.due(at(1000), start + 1) == start + 1);
    }

    TEST_CASE("a message older than the first is not waited for") {
        Pacer pacer({1, 0});
        pacer.due(at(10), start);
        CHECK(pacer.due(at(0), start + second) <= start + second);
        CHECK(pacer.due({std::numeric_limits<std::int64_t>::min()}, start + second) <= start + second);
    }

    TEST_CASE("a clock that jumps does not stop the replay, which goes on from there") {
        Pacer pacer({1, 0});
        pacer.due(at(0), start);
        const std::int64_t now = start + second;
        const std::int64_t years = 40LL * 365 * 86'400;
        CHECK(pacer.due(at(static_cast<double>(years)), now) == now);
        CHECK(pacer.due(at(static_cast<double>(years) + 2), now) == now + 2 * second);
        CHECK(pacer.due({std::numeric_limits<std::int64_t>::max()}, now) == now);
        Pacer slowest({1e-6, 0});
        slowest.due({std::numeric_limits<std::int64_t>::min()}, start);
        CHECK(slowest.due({std::numeric_limits<std::int64_t>::max()}, start) == start);
    }

    TEST_CASE("a night without calls is waited for") {
        Pacer pacer({1, 0});
        pacer.due(at(0), start);
        CHECK(pacer.due(at(12 * 3600), start) == start + 12 * 3600 * second);
    }

    TEST_CASE("a rate puts the same time between messages, whatever the capture's was") {
        Pacer pacer({0, 100});
        for (int i = 0; i < 50; ++i) CHECK(pacer.due(at(0), start) == start + i * second / 100);
    }

    TEST_CASE("a message that is late does not delay those behind it") {
        Pacer pacer({0, 100});
        pacer.due(at(0), start);
        CHECK(pacer.due(at(0), start + 3 * second / 100) == start + second / 100);
        CHECK(pacer.due(at(0), start + 3 * second / 100) == start + 2 * second / 100);
        CHECK(pacer.due(at(0), start + 3 * second / 100) == start + 3 * second / 100);
        CHECK(pacer.due(at(0), start + 3 * second / 100) == start + 4 * second / 100);
    }

    TEST_CASE("after a pause of the input the rate is not made up for by a burst") {
        Pacer pacer({0, 10});
        pacer.due(at(0), start);
        const std::int64_t later = start + 60 * second;
        CHECK(pacer.due(at(0), later) <= later);
        CHECK(pacer.due(at(0), later) <= later);
        CHECK(pacer.due(at(0), later) >= later + second / 11);
    }

    TEST_CASE("pace and rate together: the later one counts") {
        Pacer pacer({1, 10});
        CHECK(pacer.due(at(0), start) == start);
        CHECK(pacer.due(at(0), start) == start + second / 10);
        CHECK(pacer.due(at(5), start) == start + 5 * second);
    }

    TEST_CASE("after a restart the next message is the first again") {
        Pacer pacer({1, 0});
        pacer.due(at(0), start);
        pacer.due(at(60), start);
        pacer.restart();
        CHECK(pacer.due(at(0), start + 100) == start + 100);
    }
}
