// A collector that is away: since when, when to try again, and when to give up.  What UDP and streams
// have in common about it, sentences included.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/backoff.hpp"
#include "net/sender.hpp"

namespace hepcap::net {

class Absence {
public:
    using Clock = std::chrono::steady_clock;

    Absence(std::string name, std::chrono::milliseconds give_up, Log& log)
        : name_(std::move(name)), give_up_(give_up), log_(log) {}

    // Nothing goes through, because of `cause`.  Throws Error (temporary) where that has lasted too long.
    void is_away(std::string_view cause);

    // It answers.  The absence is over only once it has settled: a collector that takes connections and
    // closes them at once is not there.
    void answers();
    void has_settled();

    bool may_try() const { return Clock::now() >= next_try_; }
    std::chrono::milliseconds until_next_try() const;

private:
    std::string name_;
    std::chrono::milliseconds give_up_;
    Log& log_;
    Backoff backoff_;
    bool was_said_ = false;
    std::optional<Clock::time_point> since_;
    Clock::time_point next_try_{};
};

// Waits until there is something to do for `wanted`, for half a second at most: signals are noticed then.
void wait_for(const Wanted& wanted);

}  // namespace hepcap::net
