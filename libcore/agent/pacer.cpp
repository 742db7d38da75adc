#include "agent/pacer.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace hepcap::agent {

namespace {

constexpr double second_ns = 1e9;

// What a late message may be made up for by a burst: a busy host's delay, not an input's pause.
constexpr double longest_catch_up_ns = 0.1 * second_ns;

}  // namespace

std::optional<double> parse_speed(std::string_view text) {
    if (text == "max") return 0.0;
    constexpr double slowest = 1e-6;
    constexpr double fastest = 1e6;
    if (!text.ends_with('x')) return std::nullopt;
    text.remove_suffix(1);
    double speed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), speed);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (!(speed >= slowest && speed <= fastest)) return std::nullopt;
    return speed;
}

std::int64_t Pacer::due(Timestamp time, std::int64_t now) {
    const std::int64_t by_capture = options_.speed > 0 ? due_by_capture(time, now) : now;
    if (options_.rate <= 0) return by_capture;
    // Slots of even distance; a message that comes late has had its slot, and the next one keeps its own.
    double slot = static_cast<double>(by_capture);
    if (has_slot_) {
        slot = std::max(next_slot_, static_cast<double>(now) - longest_catch_up_ns);
        if (options_.speed > 0) slot = std::max(slot, static_cast<double>(by_capture));
    }
    has_slot_ = true;
    next_slot_ = slot + second_ns / options_.rate;
    return static_cast<std::int64_t>(slot);
}

// Differences of capture times are taken as integers: a double has no room for the nanoseconds of a date.
std::int64_t Pacer::due_by_capture(Timestamp time, std::int64_t now) {
    if (!has_started_) {
        has_started_ = true;
        first_ = time;
        start_ = latest_due_ = now;
    }
    if (time <= first_) return start_;
    std::int64_t since_first = 0;
    if (__builtin_sub_overflow(time.ns, first_.ns, &since_first))
        since_first = std::numeric_limits<std::int64_t>::max();
    const double due = static_cast<double>(start_) + static_cast<double>(since_first) / options_.speed;
    if (due - static_cast<double>(std::max(latest_due_, now)) > static_cast<double>(longest_pause_ns)) {
        first_ = time;
        start_ = latest_due_ = now;
        return now;
    }
    latest_due_ = std::max(latest_due_, static_cast<std::int64_t>(due));
    return static_cast<std::int64_t>(due);
}

}  // namespace hepcap::agent
