// When each message of a replay is due: at the pace at which it was captured, or a multiple of that, and
// no more than so many a second.  Times are nanoseconds of a clock that the caller reads and that never
// goes back (CLOCK_MONOTONIC); the pacer itself reads none, and never waits.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/timestamp.hpp"

namespace hepcap::agent {

struct PacerOptions {
    double speed = 0;  // 2 is twice as fast as captured; 0 as fast as it goes
    double rate = 0;   // messages a second at most; 0 any
};

// "1x", "0.5x", "10x", or "max", which is 0; nothing for anything else.
std::optional<double> parse_speed(std::string_view text);

class Pacer {
public:
    // Between two messages of a capture lie minutes, and a night at most.  Longer is a clock that was set,
    // or a sender's that is wrong: a replay that waited for it would never end.
    static constexpr std::int64_t longest_pause_ns = std::int64_t{24} * 3600 * 1'000'000'000;

    explicit Pacer(PacerOptions options) : options_(options) {}

    // The moment at which a message captured at `time` is due; not after `now` where it is to go at once.
    std::int64_t due(Timestamp time, std::int64_t now);

    // The next message begins anew, as the first does.
    void restart() { has_started_ = false; }

private:
    std::int64_t due_by_capture(Timestamp time, std::int64_t now);

    PacerOptions options_;
    bool has_started_ = false;
    Timestamp first_;  // the capture's time that is due at start_
    std::int64_t start_ = 0;
    std::int64_t latest_due_ = 0;  // of the messages since
    bool has_slot_ = false;
    double next_slot_ = 0;  // of the rate
};

}  // namespace hepcap::agent
