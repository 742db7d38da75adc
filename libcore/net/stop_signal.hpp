// Ends a thread that waits: an eventfd that poll() and epoll see, and a word that needs no system call.
#pragma once

#include <atomic>

#include "base/file_descriptor.hpp"

namespace hepcap::net {

class StopSignal {
public:
    // Throws Error where there are no descriptors left.
    StopSignal();

    // Safe from any thread, more than once.
    void raise();
    bool is_raised() const { return raised_.load(std::memory_order_acquire); }

    // Readable once raised, and for good.
    int fd() const { return fd_.get(); }

private:
    FileDescriptor fd_;
    std::atomic<bool> raised_{false};
};

}  // namespace hepcap::net
