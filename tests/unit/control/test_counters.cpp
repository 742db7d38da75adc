#include "control/counters.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <thread>
#include <vector>

#include "control/capture_switch.hpp"

using hepcap::control::CaptureSwitch;
using hepcap::control::Counter;
using hepcap::control::Counters;
using hepcap::control::label;
using hepcap::control::Sample;

TEST_SUITE_BEGIN("control");

TEST_CASE("a counter is where it was after a thousand others were registered") {
    Counters counters;
    Counter& first = counters.add("hepcap_first_total", "The first.");
    first.add();
    for (int i = 0; i < 1000; ++i) counters.add("hepcap_more_total", "More.", label("n", std::to_string(i)));
    first.add(2);
    CHECK(&counters.add("hepcap_first_total", "The first.") == &first);
    CHECK(first.value() == 3);
}

TEST_CASE("counters share no cache line") {
    Counters counters;
    const auto* const a = reinterpret_cast<const char*>(&counters.add("hepcap_a_total", "A."));
    const auto* const b = reinterpret_cast<const char*>(&counters.add("hepcap_a_total", "A.", R"(x="1")"));
    CHECK(std::abs(b - a) >= 64);
    CHECK(reinterpret_cast<std::uintptr_t>(a) % 64 == 0);
}

TEST_CASE("what four threads add at once is all there") {
    Counters counters;
    Counter& counter = counters.add("hepcap_records_total", "Records.");
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&counter] {
            for (int n = 0; n < 10'000; ++n) counter.add();
        });
    }
    threads.clear();
    CHECK(counter.value() == 40'000);
}

TEST_CASE("the text format has each family once, though its series were registered apart") {
    Counters counters;
    counters.add("hepcap_refused_total", "Refused,\nby cause.", label("cause", "short-header")).add(2);
    counters.add_gauge("hepcap_queue_records", "Waiting.", [] { return 1.5; });
    counters.add("hepcap_refused_total", "", label("cause", R"(a "b\)"));
    std::string text;
    counters.render_prometheus(text);
    CHECK(text ==
          "# HELP hepcap_refused_total Refused,\\nby cause.\n"
          "# TYPE hepcap_refused_total counter\n"
          "hepcap_refused_total{cause=\"short-header\"} 2\n"
          "hepcap_refused_total{cause=\"a \\\"b\\\\\"} 0\n"
          "# HELP hepcap_queue_records Waiting.\n"
          "# TYPE hepcap_queue_records gauge\n"
          "hepcap_queue_records 1.5\n");
}

TEST_CASE("a gauge that has no number says so in the format's words") {
    Counters counters;
    counters.add_gauge("hepcap_x", "X.", [] { return std::numeric_limits<double>::infinity(); });
    counters.add_gauge("hepcap_y", "Y.", [] { return std::numeric_limits<double>::quiet_NaN(); });
    std::string text;
    counters.render_prometheus(text);
    CHECK(text.find("hepcap_x +Inf\n") != std::string::npos);
    CHECK(text.find("hepcap_y NaN\n") != std::string::npos);
}

TEST_CASE("a walk shows every value with its name and labels") {
    Counters counters;
    counters.add("hepcap_a_total", "A.", R"(x="1")").add(7);
    counters.add_gauge("hepcap_b", "B.", [] { return 2.0; });
    std::string seen;
    counters.for_each([&seen](const Sample& s) {
        seen += std::string(s.name) + "|" + std::string(s.labels) + "|" +
                (s.is_counter ? std::to_string(s.count) : std::to_string(static_cast<int>(s.level))) + "\n";
    });
    CHECK(seen == "hepcap_a_total|x=\"1\"|7\nhepcap_b||2\n");
}

TEST_CASE("a capture switch is as it was set") {
    CaptureSwitch capture(false);
    CHECK_FALSE(capture.is_on());
    capture.set(true);
    CHECK(capture.is_on());
}

TEST_SUITE_END();
