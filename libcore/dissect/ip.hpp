// IPv4 and IPv6 headers, one after the other where IP carries IP, down to a transport.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "capture/datagram.hpp"
#include "dissect/link.hpp"
#include "dissect/verdict.hpp"

namespace hepcap::dissect {

namespace ip_protocol {
inline constexpr std::uint8_t hop_by_hop = 0;
inline constexpr std::uint8_t ipv4 = 4;
inline constexpr std::uint8_t tcp = 6;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t ipv6 = 41;
inline constexpr std::uint8_t routing = 43;
inline constexpr std::uint8_t fragment = 44;
inline constexpr std::uint8_t gre = 47;
inline constexpr std::uint8_t authentication = 51;
inline constexpr std::uint8_t destination_options = 60;
inline constexpr std::uint8_t ether_ip = 97;
inline constexpr std::uint8_t mpls = 137;
}  // namespace ip_protocol

// The innermost IP packet: where its addresses are, and its payload without what padded the frame.
// The addresses are views too: copied once, at the end, they cost a third of what copies at each
// nested header would.
struct IpPayload {
    const std::uint8_t* source = nullptr;  // 4 or 16 octets
    const std::uint8_t* destination = nullptr;
    bool is_v4 = false;
    std::uint8_t protocol = 0;
    Bytes data;
};

// `frame` is IPv4 or IPv6 by its EtherType.  Verdict::datagram where `out.protocol` is no IP again;
// `out.data` may be shorter than the headers say, where the packet was cut.
Verdict strip_ip(const Frame& frame, capture::Encap& encap, IpPayload& out);

}  // namespace hepcap::dissect
