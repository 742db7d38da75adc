// Link headers, and what may lie between them and IP: VLAN tags, LLC/SNAP, MPLS labels, PPPoE.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "capture/datagram.hpp"
#include "dissect/verdict.hpp"

namespace hepcap::dissect {

// LINKTYPE_ numbers of the registry at https://www.tcpdump.org/linktypes.html.
namespace link_type {
inline constexpr std::uint32_t null = 0;
inline constexpr std::uint32_t ethernet = 1;
inline constexpr std::uint32_t ppp = 9;
inline constexpr std::uint32_t raw_bsd = 12;      // DLT_RAW written where LINKTYPE_RAW was meant
inline constexpr std::uint32_t raw_openbsd = 14;  // the same on OpenBSD
inline constexpr std::uint32_t ppp_hdlc = 50;
inline constexpr std::uint32_t ppp_ether = 51;
inline constexpr std::uint32_t raw = 101;
inline constexpr std::uint32_t c_hdlc = 104;
inline constexpr std::uint32_t ieee802_11 = 105;
inline constexpr std::uint32_t loop = 108;
inline constexpr std::uint32_t linux_sll = 113;
inline constexpr std::uint32_t ieee802_11_radio = 127;
inline constexpr std::uint32_t ipv4 = 228;
inline constexpr std::uint32_t ipv6 = 229;
inline constexpr std::uint32_t upper_pdu = 252;
inline constexpr std::uint32_t linux_sll2 = 276;
}  // namespace link_type

namespace ether_type {
inline constexpr std::uint16_t ipv4 = 0x0800;
inline constexpr std::uint16_t ipv6 = 0x86dd;
inline constexpr std::uint16_t vlan = 0x8100;          // 802.1Q
inline constexpr std::uint16_t service_vlan = 0x88a8;  // 802.1ad
inline constexpr std::uint16_t old_service_vlan = 0x9100;
inline constexpr std::uint16_t mpls = 0x8847;
inline constexpr std::uint16_t mpls_upstream = 0x8848;
inline constexpr std::uint16_t pppoe_session = 0x8864;
// Numbers up to this one are not EtherTypes but the length of an 802.3 frame, which LLC follows.
inline constexpr std::uint16_t max_length = 1500;
}  // namespace ether_type

// Octets, and what the header before them says they are.
struct Frame {
    std::uint16_t ether_type = 0;
    Bytes data;
};

// All of these give Verdict::datagram where nothing is wrong so far.

// Takes off the outermost header of a packet of that link type (all but Upper PDU).
Verdict strip_link(std::uint32_t type, Bytes packet, Frame& out);

// Takes off VLAN tags, LLC/SNAP, MPLS and PPPoE until an EtherType of IP is reached.
Verdict strip_shims(Frame& frame, capture::Encap& encap);

// 802.11, with or without radiotap in front, by libtins.  `out` is then LLC: EtherType 0.
Verdict strip_ieee802_11(bool has_radiotap, Bytes packet, Frame& out);

}  // namespace hepcap::dissect
