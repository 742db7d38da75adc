// What the control thread waits for in one turn: descriptors and a moment.  Each part of the server says
// what it waits for, poll() is called once, and each part looks at what came of it.  There are a few
// dozen descriptors at most, so a list is searched.
#pragma once

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <vector>

namespace hepcap::control {

using Clock = std::chrono::steady_clock;

class Waiting {
public:
    void want(int fd, short events) { fds_.push_back({fd, events, 0}); }
    void until(Clock::time_point moment) { moment_ = std::min(moment_, moment); }

    // Waits, and forgets the moment.
    void wait() {
        int timeout_ms = -1;
        if (moment_ != Clock::time_point::max()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(moment_ - Clock::now()).count();
            timeout_ms = static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
        }
        if (::poll(fds_.data(), fds_.size(), timeout_ms) < 0) {
            for (pollfd& p : fds_) p.revents = 0;
        }
    }

    // What happened at a descriptor that was wanted: POLLIN and so on, 0 for nothing.
    short at(int fd) const {
        for (const pollfd& p : fds_) {
            if (p.fd == fd) return p.revents;
        }
        return 0;
    }

private:
    std::vector<pollfd> fds_;
    Clock::time_point moment_ = Clock::time_point::max();
};

}  // namespace hepcap::control
