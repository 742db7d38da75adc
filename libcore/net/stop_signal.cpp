#include "net/stop_signal.hpp"

#include <sys/eventfd.h>

#include <cerrno>

#include "base/error.hpp"

namespace hepcap::net {

StopSignal::StopSignal() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!fd_) throw Error("cannot open an eventfd: " + errno_text(errno), ExitCode::temporary);
}

void StopSignal::raise() {
    raised_.store(true, std::memory_order_release);
    // Nobody reads the count: the descriptor stays readable.
    ::eventfd_write(fd_.get(), 1);
}

}  // namespace hepcap::net
