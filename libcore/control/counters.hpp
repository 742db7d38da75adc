// What a running tool counts, under one name everywhere: the metrics page, the JSON-RPC statistics and
// the closing line walk the same registry.
//
// Names are those of Prometheus: a counter is `hepcap_<thing>_total`, a gauge `hepcap_<thing>`, and
// labels are the text between the braces, `cause="short-header"`.  A counter stays where it is for as
// long as the registry lives, on a cache line of its own, so that the threads that count do not slow
// each other down; add() of several threads is exact.  Registering and rendering take a lock and are
// for the edge, not the hot path: a tool registers at its start and keeps the references.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hepcap::control {

// 64 octets are a cache line of every processor Debian runs on but two, which only share more.
class alignas(64) Counter {
public:
    void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

// One value as a walk shows it; the texts live as long as the registry.
struct Sample {
    std::string_view name;
    std::string_view labels;
    bool is_counter;
    std::uint64_t count;  // a counter's value
    double level;         // a gauge's value
};

class Counters {
public:
    // The counter of that name and those labels; asked for again, it is the same one.  The help text is
    // that of the first with the name.
    Counter& add(const std::string& name, const std::string& help, const std::string& labels = "");

    // A value that is asked for when somebody looks, from another thread than the one that registered it.
    void add_gauge(const std::string& name, const std::string& help, std::function<double()> level,
                   const std::string& labels = "");

    // Appends the text format of Prometheus, version 0.0.4: families in the order of their first
    // registration, each once.
    void render_prometheus(std::string& out) const;

    // Shows each value once, in the order of render_prometheus().  Must not register from within.
    void for_each(const std::function<void(const Sample&)>& show) const;

private:
    struct Series {
        std::string labels;
        Counter counter;
        std::function<double()> level;
    };
    struct Family {
        std::string name;
        std::string help;
        bool is_counter;
        std::deque<Series> series;
    };

    Series& series(const std::string& name, const std::string& help, const std::string& labels,
                   bool is_counter);

    mutable std::mutex mutex_;
    std::deque<Family> families_;
};

// `name="value"` with the value escaped, to be joined by commas.
std::string label(std::string_view name, std::string_view value);

}  // namespace hepcap::control
