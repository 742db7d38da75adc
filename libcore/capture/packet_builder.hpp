// Packets around octets that came without one, so that programs which read savefiles can show them:
// Ethernet, a VLAN tag where there was one, IPv4 or IPv6, UDP or TCP, all lengths and checksums right.
//
// What nobody knows is zero (MAC addresses, hop counts are 64).  Addresses of two families, which HEP can
// say, become IPv6, the IPv4 one mapped (RFC 4291, 2.5.5.2); an absent one is all zeros.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"

namespace hepcap::capture {

struct Envelope {
    Endpoint source;
    Endpoint destination;
    std::uint16_t vlan = 0;
    bool has_vlan = false;
};

// One builder, one buffer: what it returns is valid until its next call.
class PacketBuilder {
public:
    static constexpr std::uint32_t link_type = 1;  // Ethernet

    // Empty where UDP cannot carry that much.
    Bytes build_udp(const Envelope& envelope, Bytes payload);

    // A segment with PSH and ACK, without options; the payload has max_segment octets at most.
    static constexpr std::size_t max_segment = 65535 - 20 - 20;
    Bytes build_tcp(const Envelope& envelope, std::uint32_t sequence, std::uint32_t acknowledged,
                    Bytes payload);

private:
    std::size_t begin(const Envelope& envelope, std::uint8_t protocol, std::size_t size);
    void finish(std::size_t transport, std::size_t checksum_at, std::uint8_t protocol);

    std::vector<std::uint8_t> packet_;
    bool is_v6_ = false;
    std::size_t addresses_ = 0;  // where in packet_ the IP addresses stand
};

}  // namespace hepcap::capture
