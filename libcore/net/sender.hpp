// Messages to a collector: datagrams over UDP, a stream over TCP or TLS.
//
// What the other side does not take is waited for, or dropped and counted, as SenderOptions says; memory
// is bounded either way.  While it waits a sender asks is_stopped() twice a second at least.  A collector
// that stays away is asked for again, after pauses that double and are scattered, so that a hundred
// agents do not come back all at once; one that stays away for longer than `give_up` is an Error
// (temporary).
//
// A caller that waits for something else (its input, the time for the next message) polls wanted() beside
// it and then calls progress(): that is how a connection comes back, and a buffer empties, in the meantime.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/log.hpp"
#include "net/address.hpp"
#include "net/tls.hpp"

namespace hepcap::net {

struct SenderOptions {
    bool drops = false;                         // what cannot be sent at once; else it is waited for
    std::size_t buffer = std::size_t{4} << 20;  // octets that wait for a stream; at least two messages
    std::chrono::milliseconds give_up{60'000};  // 0: never
    std::function<bool()> is_stopped;           // nobody waits any more; may be empty
    const TlsContext* tls = nullptr;            // for tls: alone; outlives the sender
};

struct SenderCounts {
    std::uint64_t sent = 0;         // messages that the kernel took whole
    std::uint64_t octets = 0;       // of these
    std::uint64_t dropped = 0;      // for want of room, with SenderOptions::drops
    std::uint64_t refused = 0;      // datagrams that the other side is known to have sent back
    std::uint64_t too_long = 0;     // for a datagram
    std::uint64_t unsent = 0;       // still waiting when the sender was closed
    std::uint64_t connections = 0;  // made, of a stream
    std::uint64_t lost_connections = 0;
};

// What to poll for; without an fd only for the time.
struct Wanted {
    int fd = -1;
    short events = 0;
    std::chrono::milliseconds at_most{-1};  // negative: any time
};

class Sender {
public:
    explicit Sender(const SocketAddress& address) : name_(address.to_text()) {}
    virtual ~Sender() = default;
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    // Takes one message, whole; what it points to may go after that.  It leaves with the others of its
    // batch, at the latest with the next flush().
    virtual void send(Bytes message) = 0;

    // Everything taken is with the kernel now, unless the sender drops, or has been stopped.
    virtual void flush() = 0;

    // flush(), and the orderly end of a connection; afterwards the counts are final.
    virtual void close() = 0;

    virtual Wanted wanted() const { return {}; }
    // What can be done without waiting.
    virtual void progress() {}

    const SenderCounts& counts() const { return counts_; }
    const std::string& name() const { return name_; }  // "tcp:192.0.2.1:9060"

protected:
    SenderCounts counts_;

private:
    std::string name_;
};

// `log` is told when a collector stays away, and when it is back.  Throws Error where the name has no
// address; that nobody listens there shows later.
std::unique_ptr<Sender> open_sender(const SocketAddress& address, SenderOptions options, Log& log);

}  // namespace hepcap::net
