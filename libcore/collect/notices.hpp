// What a person should see of what strangers send: one line a cause every ten seconds, with the number
// of those that were left out, so that a flood of garbage is no flood of lines.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/log.hpp"
#include "collect/tally.hpp"

namespace hepcap::collect {

class Notices {
public:
    // `log` outlives this and may be called from any thread.
    explicit Notices(Log& log) : log_(log) {}

    // Something happened that `slot` of the tally counts.  Safe from any thread; costs a load where
    // nothing is to be said.
    void offer(std::size_t slot, std::string_view what, std::string_view cause, const Endpoint& peer,
               std::string_view detail = {});
    // The same for what is wrong on our side: `sentence` as it stands.
    void say(std::size_t slot, std::string_view sentence);

private:
    struct Subject {
        std::atomic<std::int64_t> next_ns{0};
        std::atomic<std::uint64_t> left_out{0};
    };

    // Whether it is time for a line; then how many were left out since the last is in `left_out`.
    bool is_due(std::size_t slot, std::uint64_t& left_out);

    Log& log_;
    std::array<Subject, Tally::slot_count> subjects_;
};

}  // namespace hepcap::collect
