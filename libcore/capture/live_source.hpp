// Packets as they come in: an interface, or the sockets of a tunnel's end.
//
// Unlike a Source it is not asked for the next packet but for all that are there, so that packets are
// looked at where the kernel put them, and whoever waits can do something else first.  One thread uses
// a live source; several of one interface share its packets (InterfaceOptions::fanout).
#pragma once

#include <cstdint>
#include <functional>

#include "capture/packet.hpp"

namespace hepcap::capture {

// Counts since the source was opened.
struct LiveCounts {
    std::uint64_t received = 0;  // passed the filter, dropped ones included
    std::uint64_t dropped_by_kernel = 0;
    std::uint64_t dropped_by_interface = 0;
};

class LiveSource {
public:
    // Looks at a packet, which is gone afterwards; false: no more is wanted for now.  May throw.
    using Take = std::function<bool(const Packet&)>;

    virtual ~LiveSource() = default;

    // Hands out packets that are there and returns how many; 0: none was.  Never waits.  Throws Error
    // where the source is gone, an interface that was removed for instance.
    virtual std::size_t read(const Take& take) = 0;

    // Waits until packets are there, a signal came, or the time is over.
    virtual void wait(int milliseconds) = 0;

    virtual LiveCounts counts() = 0;

    virtual std::uint32_t link_type() const = 0;
    virtual bool has_nanoseconds() const = 0;
    // For how long the kernel may hold back a packet that it has.
    virtual int delay_ms() const = 0;
};

}  // namespace hepcap::capture
