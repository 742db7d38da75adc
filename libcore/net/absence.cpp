#include "net/absence.hpp"

#include <fmt/core.h>

#include "base/error.hpp"

namespace hepcap::net {

void Absence::is_away(std::string_view cause) {
    const Clock::time_point now = Clock::now();
    if (!since_) since_ = now;
    if (!was_said_) log_.warn(fmt::format("{}: {}; trying again", name_, cause));
    was_said_ = true;
    if (give_up_.count() > 0 && now - *since_ >= give_up_) {
        throw Error(
            fmt::format("{} stayed away for {} s: {}; send again when it is there, or wait longer with "
                        "--retry-timeout",
                        name_, std::chrono::duration_cast<std::chrono::seconds>(give_up_).count(), cause),
            ExitCode::temporary);
    }
    next_try_ = now + backoff_.next();
    if (give_up_.count() > 0) next_try_ = std::min(next_try_, *since_ + give_up_);
}

void Absence::answers() {
    if (was_said_) log_.warn(fmt::format("{} is there again", name_));
    was_said_ = false;
}

void Absence::has_settled() {
    if (!since_) return;
    since_.reset();
    backoff_.reset();
    next_try_ = {};
}

std::chrono::milliseconds Absence::until_next_try() const {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(next_try_ - Clock::now());
    return std::max(rest, std::chrono::milliseconds(0));
}

void wait_for(const Wanted& wanted) {
    constexpr std::chrono::milliseconds longest{500};
    const auto limit = wanted.at_most.count() < 0 ? longest : std::min(wanted.at_most, longest);
    pollfd state{wanted.fd, wanted.events, 0};
    (void)::poll(&state, 1, static_cast<int>(limit.count()));  // EINTR is a reason to look again, too
}

}  // namespace hepcap::net
