// Connections that carry frames, over TCP or TLS: one thread, one epoll, as many connections as the
// limits allow.  What a frame is, and where it ends, the consumer knows.
//
// A stranger can make a connection cost memory and nothing else, and that is bounded: by the number of
// connections, by the octets of unfinished frames of all of them together, and by the time in which a
// handshake or a frame that has begun must be complete.  Where the number is reached, a connection that
// has never brought a frame makes room, the longest silent first; where all have, the longest silent of
// those from which nothing came for a while.  So neither those who send nothing nor those who send once
// keep out those who have something to say, and agents who are at work do not push out each other.  A
// connection may be silent for as long as it likes otherwise (agents are, at night); whether its peer
// still exists, TCP's keep-alive finds out.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/shared_slot.hpp"
#include "net/bound_socket.hpp"
#include "net/consumer.hpp"
#include "net/frame_assembler.hpp"
#include "net/stop_signal.hpp"
#include "net/tls.hpp"

namespace hepcap::net {

struct StreamLimits {
    std::size_t connections = 2048;
    std::size_t pending_octets = 32 * 1024 * 1024;
    std::chrono::seconds handshake{10};
    std::chrono::seconds frame{30};
    std::chrono::seconds idle{0};    // 0: none
    std::chrono::seconds quiet{60};  // after which a connection makes room though it has brought frames
};

// The certificates in force, which may change while connections stand.
class TlsSlot {
public:
    void set(TlsContext context) { context_.set(std::make_shared<const TlsContext>(std::move(context))); }
    std::shared_ptr<const TlsContext> get() const { return context_.get(); }

private:
    SharedSlot<TlsContext> context_;
};

class StreamServer {
public:
    // `sockets` listen and are non-blocking; where one of them is TLS, `tls` has a context.  The last
    // three outlive the server's run.  Throws Error where there are no descriptors left.
    StreamServer(std::vector<BoundSocket> sockets, const StreamLimits& limits, StreamConsumer& consumer,
                 const TlsSlot& tls, const StopSignal& stop);
    ~StreamServer();

    // Serves until the stop is raised, then takes what the kernel has received by then, closes all
    // connections and returns.
    void run();

    // Safe from any thread.
    std::size_t connections() const { return open_count_.load(std::memory_order_relaxed); }

private:
    using Clock = std::chrono::steady_clock;
    struct Connection;
    enum class Reading : std::uint8_t {
        more,   // there may be more to read at once
        empty,  // there is nothing for now
        gone,   // the connection is closed, the object destroyed
    };

    // How many there were, as far as they are taken at once.
    int accept_all(const BoundSocket& listener);
    void accept(const BoundSocket& listener, FileDescriptor fd, const sockaddr_storage& peer);
    bool make_room();
    Connection* longest_silent(bool has_frames) const;
    void refuse(const Arrival& arrival, CloseCause cause);
    Reading serve(Connection& connection);
    Reading shake_hands(Connection& connection);
    Reading read_plain(Connection& connection);
    Reading read_tls(Connection& connection);
    Reading take_octets(Connection& connection, Bytes octets);
    static CloseCause cause_of_end(const Connection& connection);
    void watch(Connection& connection, bool for_writing);
    void close(Connection& connection, CloseCause cause, std::string_view detail = {});
    void bound_memory();
    void sweep();
    void finish();

    std::vector<BoundSocket> listeners_;
    StreamLimits limits_;
    StreamConsumer& consumer_;
    const TlsSlot& tls_;
    const StopSignal& stop_;
    FileDescriptor epoll_;
    FileDescriptor spare_;  // given up for a moment, where descriptors have run out, to refuse a connection
    std::unordered_map<int, std::unique_ptr<Connection>> connections_;
    std::atomic<std::size_t> open_count_{0};
    std::size_t pending_octets_ = 0;  // of unfinished frames, all connections
    std::unique_ptr<std::uint8_t[]> room_;
    Clock::time_point now_;  // when the last wait ended
    Clock::time_point next_sweep_;
};

}  // namespace hepcap::net
