// Datagrams of some UDP sockets, many a system call, handed to one consumer.
//
// One receiver is one thread's: several of them, each with sockets of its own on the same port
// (SO_REUSEPORT), share the load, the kernel dealing senders out to them by address and port.  All
// memory is there from the start, and untouched until datagrams are that large: nothing is allocated
// for a datagram.  The time of a datagram is when the kernel took it from the network, not when we came
// to read it, in microseconds, since HEP knows nothing finer.
//
// What the kernel had to drop because the socket's buffer was full is counted: SO_RXQ_OVFL tells it with
// the next datagram, and where none comes any more SO_MEMINFO does.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "net/bound_socket.hpp"
#include "net/consumer.hpp"
#include "net/stop_signal.hpp"

namespace hepcap::net {

class UdpReceiver {
public:
    // The sockets are non-blocking.  All three outlive the receiver's run.
    UdpReceiver(std::vector<BoundSocket> sockets, Consumer& consumer, const StopSignal& stop);
    ~UdpReceiver();

    // Receives until the stop is raised, then what the kernel has queued by then, and returns.  Datagrams
    // that arrive after that are dropped and counted by the kernel.
    void run();

private:
    struct Batch;

    // How many datagrams were there; the batch was full where it is batch_size.
    std::size_t receive(std::size_t index);
    void read_control(std::size_t index, msghdr& header, Arrival& arrival);
    void wait();
    void close_doors();
    void count_drops();
    void take_drop_count(std::size_t index, std::uint32_t total);

    std::vector<BoundSocket> sockets_;
    std::vector<std::uint32_t> drops_seen_;  // the kernel's counter, a socket each
    Consumer& consumer_;
    const StopSignal& stop_;
    std::unique_ptr<Batch> batch_;
    std::vector<bool> is_ready_;
};

}  // namespace hepcap::net
