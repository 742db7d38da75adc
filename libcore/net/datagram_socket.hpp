// A UDP socket that sends to one place and reads nothing: for passing on what came, a datagram at a time.
#pragma once

#include "base/bytes.hpp"
#include "base/file_descriptor.hpp"
#include "net/address.hpp"

namespace hepcap::net {

class DatagramSocket {
public:
    // Throws Error where there is no way to the address.
    explicit DatagramSocket(const SocketAddress& to);

    // False where the datagram could not be handed to the network; never waits.
    bool send(Bytes datagram);

    Endpoint peer() const { return peer_; }

private:
    FileDescriptor fd_;
    Endpoint peer_;
};

}  // namespace hepcap::net
