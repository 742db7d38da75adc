// Where receivers hand on what they receive.  A receiver runs on a thread of its own and calls its
// consumer there and nowhere else, so that a consumer needs no lock for what is its own.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/timestamp.hpp"

namespace hepcap::net {

// Who sent something, to which of our addresses, how, and when it arrived.
struct Arrival {
    Endpoint peer;
    Endpoint local;
    Transport transport = Transport::none;
    Timestamp time;
};

class Consumer {
public:
    virtual ~Consumer() = default;

    // A datagram, or a frame of a stream, whole.  The octets are valid during the call.
    virtual void take(Bytes octets, const Arrival& arrival) = 0;

    // Nothing more is there: what was held back to be handed on in larger pieces goes now.  Called at
    // least once a second.
    virtual void before_wait() = 0;

    // The kernel had no room for so many datagrams since the last call.
    virtual void kernel_dropped(std::uint64_t datagrams) = 0;
};

// Why a connection ended.
enum class CloseCause : std::uint8_t {
    ended,           // by the peer, between two frames
    cut_frame,       // by the peer, within one
    reset,           // by the peer's system, or the network
    bad_frame,       // what stands in the stream is no frame
    slow_frame,      // a frame took too long from its first octet to its last
    idle,            // nothing came for too long
    not_allowed,     // the peer's address
    over_limit,      // too many connections, and none of them silent for long enough to make room
    evicted,         // was silent and had to make room for another one
    over_memory,     // unfinished frames took too much memory; this one was the oldest
    slow_handshake,  // TLS
    tls_failed,      // handshake, certificate, or a record that is no TLS
    stopped,         // by us, at the end
    count_,
};

std::string_view close_cause_name(CloseCause cause);

class StreamConsumer : public Consumer {
public:
    // Whether somebody at this address may connect.
    virtual bool admits(const Endpoint& peer) = 0;

    // How long the frame is that `beginning` (at least one octet) begins with; 0: more octets are needed
    // to tell; a negative number: it is none, and the connection ends.  `beginning` grows from call to
    // call until the answer is another than 0.
    virtual std::ptrdiff_t frame_size(Bytes beginning) = 0;

    virtual void connected(const Arrival& arrival) = 0;
    // `unfinished` is the frame that had begun and is lost with the connection, empty where there is
    // none, valid during the call; `detail` may be empty.
    virtual void disconnected(const Arrival& arrival, CloseCause cause, Bytes unfinished,
                              std::string_view detail) = 0;
};

}  // namespace hepcap::net
