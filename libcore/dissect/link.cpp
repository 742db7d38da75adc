#include "dissect/link.hpp"

#include "base/cursor.hpp"

namespace hepcap::dissect {

namespace {

using capture::Encap;
using capture::LayerKind;

constexpr Verdict go_on = Verdict::datagram;

// IEEE 802.3:
//
//   +-----------------+-----------------+------------+----
//   | destination (6) |   source (6)    |  type (2)  | data
//   +-----------------+-----------------+------------+----
Verdict strip_ethernet(Bytes packet, Frame& out) {
    constexpr std::size_t size = 14;
    if (packet.size() < size) return Verdict::short_link_header;
    out = {load_u16(packet.data() + 12), packet.subspan(size)};
    return go_on;
}

// LINKTYPE_LINUX_SLL, 16 octets:
//
//   +-----------------+-----------+--------------------+-------------+--------------+
//   | packet type (2) | ARPHRD (2)| address length (2) | address (8) | protocol (2) |
//   +-----------------+-----------+--------------------+-------------+--------------+
//
// Protocols below 1536 are Linux' own numbers for frames without an EtherType; strip_shims() takes
// those for LLC, which 0x0004 is, and leaves out what is none.
Verdict strip_linux_sll(Bytes packet, Frame& out) {
    constexpr std::size_t size = 16;
    if (packet.size() < size) return Verdict::short_link_header;
    out = {load_u16(packet.data() + 14), packet.subspan(size)};
    return go_on;
}

// LINKTYPE_LINUX_SLL2, 20 octets:
//
//   +--------------+--------------+---------------------+------------+-----------------+
//   | protocol (2) | reserved (2) | interface index (4) | ARPHRD (2) | packet type (1) |
//   +--------------+--------------+------+--------------+------------+-----------------+
//   | address length (1) |   address (8) |
//   +--------------------+---------------+
Verdict strip_linux_sll2(Bytes packet, Frame& out) {
    constexpr std::size_t size = 20;
    if (packet.size() < size) return Verdict::short_link_header;
    out = {load_u16(packet.data()), packet.subspan(size)};
    return go_on;
}

// No link header: the version in the first four bits of IP tells.
Verdict strip_nothing(Bytes packet, Frame& out) {
    if (packet.empty()) return Verdict::short_ip_header;
    switch (packet[0] >> 4) {
        case 4: out = {ether_type::ipv4, packet}; return go_on;
        case 6: out = {ether_type::ipv6, packet}; return go_on;
        default: return Verdict::bad_ip_version;
    }
}

// LINKTYPE_NULL and LINKTYPE_LOOP: four octets of address family.  NULL has them in the byte order of
// the machine that captured, LOOP in network order; both are found, as families are small numbers.
Verdict strip_family(Bytes packet, Frame& out) {
    constexpr std::size_t size = 4;
    if (packet.size() < size) return Verdict::short_link_header;
    std::uint32_t family = load_u32(packet.data());
    if (family > 0xffff) family = load_u32_le(packet.data());
    const Bytes data = packet.subspan(size);
    switch (family) {
        case 2:  // AF_INET everywhere
            out = {ether_type::ipv4, data};
            return go_on;
        case 10:  // AF_INET6: Linux; 24: NetBSD, OpenBSD; 28: FreeBSD; 30: macOS
        case 24:
        case 28:
        case 30: out = {ether_type::ipv6, data}; return go_on;
        default: return Verdict::not_ip;
    }
}

// RFC 1661 section 2: a protocol of two octets, or of one where the first is odd.
Verdict strip_ppp_protocol(Bytes packet, Frame& out) {
    if (packet.empty()) return Verdict::short_link_header;
    std::uint16_t protocol = packet[0];
    std::size_t size = 1;
    if ((protocol & 1) == 0) {
        if (packet.size() < 2) return Verdict::short_link_header;
        protocol = load_u16(packet.data());
        size = 2;
    }
    const Bytes data = packet.subspan(size);
    switch (protocol) {
        case 0x0021: out = {ether_type::ipv4, data}; return go_on;
        case 0x0057: out = {ether_type::ipv6, data}; return go_on;
        case 0x0281: out = {ether_type::mpls, data}; return go_on;
        default: return Verdict::not_ip;
    }
}

// RFC 1662 section 3.1: address 0xff and control 0x03 may stand before the protocol.
Verdict strip_ppp(Bytes packet, Frame& out) {
    if (packet.size() >= 2 && packet[0] == 0xff && packet[1] == 0x03) packet = packet.subspan(2);
    return strip_ppp_protocol(packet, out);
}

// Cisco HDLC: address and control, then an EtherType.
Verdict strip_c_hdlc(Bytes packet, Frame& out) {
    constexpr std::size_t size = 4;
    if (packet.size() < size) return Verdict::short_link_header;
    out = {load_u16(packet.data() + 2), packet.subspan(size)};
    return go_on;
}

// IEEE 802.1Q section 9.6, after the EtherType that announced it:
//
//   +----------------------+------------------+
//   | PCP 3, DEI 1, VID 12 |  EtherType (2)   |
//   +----------------------+------------------+
Verdict strip_vlan(Frame& frame, Encap& encap) {
    constexpr std::size_t size = 4;
    if (frame.data.size() < size) return Verdict::short_link_header;
    const std::uint32_t id = load_u16(frame.data.data()) & 0x0fffu;
    if (!encap.push({LayerKind::vlan, id, true})) return Verdict::too_many_layers;
    frame = {load_u16(frame.data.data() + 2), frame.data.subspan(size)};
    return go_on;
}

// IEEE 802.2 and RFC 1042.  The organization 00-00-f8 is 802.1H's, for bridged frames.
//
//   +-----------+-----------+--------------+------------------+---------------+
//   | DSAP 0xaa | SSAP 0xaa | control 0x03 | organization (3) | EtherType (2) |
//   +-----------+-----------+--------------+------------------+---------------+
Verdict strip_llc(Frame& frame) {
    constexpr std::size_t size = 8;
    if (frame.data.size() < 3) return Verdict::short_link_header;
    const std::uint8_t* p = frame.data.data();
    if (p[0] != 0xaa || p[1] != 0xaa || p[2] != 0x03) return Verdict::not_ip;
    if (frame.data.size() < size) return Verdict::short_link_header;
    const bool is_ether_type = p[3] == 0 && p[4] == 0 && (p[5] == 0 || p[5] == 0xf8);
    const std::uint16_t type = load_u16(p + 6);
    if (!is_ether_type || type <= ether_type::max_length) return Verdict::not_ip;
    frame = {type, frame.data.subspan(size)};
    return go_on;
}

// RFC 3032 section 2.1; the last label has the S bit:
//
//   +-----------------------------------------+-------+-+-------------+
//   |                Label (20)               | TC (3)|S|   TTL (8)   |
//   +-----------------------------------------+-------+-+-------------+
//
// What follows is not said; 4 or 6 in the first four bits is IP (RFC 4928), the rest a pseudowire.
Verdict strip_mpls(Frame& frame, Encap& encap) {
    constexpr std::size_t size = 4;
    bool is_last = false;
    while (!is_last) {
        if (frame.data.size() < size) return Verdict::short_link_header;
        const std::uint32_t entry = load_u32(frame.data.data());
        if (!encap.push({LayerKind::mpls, entry >> 12, true})) return Verdict::too_many_layers;
        is_last = (entry & 0x100) != 0;
        frame.data = frame.data.subspan(size);
    }
    const Verdict verdict = strip_nothing(frame.data, frame);
    return verdict == Verdict::bad_ip_version ? Verdict::tunnel_not_decoded : verdict;
}

// RFC 2516 section 4; code 0 is a session's data, and the length leaves Ethernet's padding out:
//
//   +-----------+----------+----------------+-------------+
//   | 0x11 (1)  | code (1) | session id (2) | length (2)  |
//   +-----------+----------+----------------+-------------+
Verdict strip_pppoe(Frame& frame, Encap& encap) {
    constexpr std::size_t size = 6;
    if (frame.data.size() < size) return Verdict::short_link_header;
    const std::uint8_t* p = frame.data.data();
    if (p[0] != 0x11) return Verdict::bad_link_header;
    if (p[1] != 0) return Verdict::not_ip;
    if (!encap.push({LayerKind::pppoe, 0, false})) return Verdict::too_many_layers;
    const std::size_t length = load_u16(p + 4);
    Bytes data = frame.data.subspan(size);
    if (length < data.size()) data = data.first(length);
    return strip_ppp_protocol(data, frame);
}

}  // namespace

Verdict strip_link(std::uint32_t type, Bytes packet, Frame& out) {
    switch (type) {
        case link_type::ethernet: return strip_ethernet(packet, out);
        case link_type::linux_sll: return strip_linux_sll(packet, out);
        case link_type::linux_sll2: return strip_linux_sll2(packet, out);
        case link_type::raw:
        case link_type::raw_bsd:
        case link_type::raw_openbsd: return strip_nothing(packet, out);
        case link_type::ipv4: out = {ether_type::ipv4, packet}; return go_on;
        case link_type::ipv6: out = {ether_type::ipv6, packet}; return go_on;
        case link_type::null:
        case link_type::loop: return strip_family(packet, out);
        case link_type::ppp:
        case link_type::ppp_hdlc: return strip_ppp(packet, out);
        case link_type::ppp_ether: out = {ether_type::pppoe_session, packet}; return go_on;
        case link_type::c_hdlc: return strip_c_hdlc(packet, out);
        case link_type::ieee802_11: return strip_ieee802_11(false, packet, out);
        case link_type::ieee802_11_radio: return strip_ieee802_11(true, packet, out);
        default: return Verdict::unknown_link_type;
    }
}

Verdict strip_shims(Frame& frame, Encap& encap) {
    // Ends: each turn takes off at least four octets.
    for (;;) {
        Verdict verdict = go_on;
        switch (frame.ether_type) {
            case ether_type::ipv4:
            case ether_type::ipv6: return go_on;
            case ether_type::vlan:
            case ether_type::service_vlan:
            case ether_type::old_service_vlan: verdict = strip_vlan(frame, encap); break;
            case ether_type::mpls:
            case ether_type::mpls_upstream: verdict = strip_mpls(frame, encap); break;
            case ether_type::pppoe_session: verdict = strip_pppoe(frame, encap); break;
            default:
                if (frame.ether_type > ether_type::max_length) return Verdict::not_ip;
                verdict = strip_llc(frame);
        }
        if (verdict != go_on) return verdict;
    }
}

}  // namespace hepcap::dissect
