#include "dissect/ip.hpp"

#include <algorithm>

#include "base/cursor.hpp"

namespace hepcap::dissect {

namespace {

using capture::Encap;
using capture::LayerKind;

constexpr Verdict go_on = Verdict::datagram;

// RFC 791 section 3.1:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-------+---------------+-------------------------------+
//   |Version|  IHL  |Type of Service|          Total Length         |
//   +-------+-------+---------------+-----+-------------------------+
//   |         Identification        |Flags|      Fragment Offset    |
//   +---------------+---------------+-----+-------------------------+
//   |  Time to Live |    Protocol   |         Header Checksum       |
//   +---------------+---------------+-------------------------------+
//   |                       Source Address                          |
//   +---------------------------------------------------------------+
//   |                    Destination Address                        |
//   +---------------------------------------------------------------+
Verdict strip_ipv4(Bytes packet, IpPayload& out) {
    constexpr std::size_t min_header = 20;
    if (packet.size() < min_header) return Verdict::short_ip_header;
    const std::uint8_t* p = packet.data();
    if (p[0] >> 4 != 4) return Verdict::bad_ip_version;
    const std::size_t header = (p[0] & 0x0fu) * 4u;
    if (header < min_header) return Verdict::bad_ip_length;
    if (header > packet.size()) return Verdict::short_ip_header;
    std::size_t total = load_u16(p + 2);
    if (total == 0) total = packet.size();  // a large send that the network card was to cut up
    if (total < header) return Verdict::bad_ip_length;
    const std::uint16_t more_fragments_or_offset = 0x3fff;
    if ((load_u16(p + 6) & more_fragments_or_offset) != 0) return Verdict::ip_fragment;
    out.protocol = p[9];
    out.is_v4 = true;
    out.source = p + 12;
    out.destination = p + 16;
    out.data = packet.subspan(header, std::min(total, packet.size()) - header);
    return go_on;
}

// Steps over the extension headers of RFC 8200 section 4 and the Authentication Header of RFC 4302;
// all begin with the next header's number and, the Fragment header apart, their own length.
Verdict strip_extensions(IpPayload& out) {
    constexpr std::size_t fragment_size = 8;
    for (;;) {
        const Bytes rest = out.data;
        std::size_t size = 0;
        switch (out.protocol) {
            case ip_protocol::hop_by_hop:
            case ip_protocol::routing:
            case ip_protocol::destination_options:
                if (rest.size() < 2) return Verdict::short_ip_header;
                size = (std::size_t{rest[1]} + 1) * 8;
                break;
            case ip_protocol::authentication:
                if (rest.size() < 2) return Verdict::short_ip_header;
                size = (std::size_t{rest[1]} + 2) * 4;
                break;
            case ip_protocol::fragment: {
                if (rest.size() < fragment_size) return Verdict::short_ip_header;
                // RFC 6946: offset 0 and no more fragments is a whole packet.
                const std::uint16_t offset_and_more = load_u16(rest.data() + 2) & 0xfff9u;
                if (offset_and_more != 0) return Verdict::ip_fragment;
                size = fragment_size;
                break;
            }
            default: return go_on;
        }
        if (rest.size() < size) return Verdict::short_ip_header;
        out.protocol = rest[0];
        out.data = rest.subspan(size);
    }
}

// RFC 8200 section 3:
//
//   +-------+---------------+---------------------------------------+
//   |Version| Traffic Class |           Flow Label                  |
//   +-------+---------------+-------+---------------+---------------+
//   |         Payload Length        |  Next Header  |   Hop Limit   |
//   +-------------------------------+---------------+---------------+
//   |                   Source Address (16 octets)                  |
//   |                Destination Address (16 octets)                |
//   +---------------------------------------------------------------+
Verdict strip_ipv6(Bytes packet, IpPayload& out) {
    constexpr std::size_t header = 40;
    if (packet.size() < header) return Verdict::short_ip_header;
    const std::uint8_t* p = packet.data();
    if (p[0] >> 4 != 6) return Verdict::bad_ip_version;
    std::size_t length = load_u16(p + 4);
    if (length == 0) length = packet.size() - header;  // as in IPv4, or a jumbogram (RFC 2675)
    out.protocol = p[6];
    out.is_v4 = false;
    out.source = p + 8;
    out.destination = p + 24;
    out.data = packet.subspan(header, std::min(length, packet.size() - header));
    return strip_extensions(out);
}

}  // namespace

Verdict strip_ip(const Frame& frame, Encap& encap, IpPayload& out) {
    bool is_v4 = frame.ether_type == ether_type::ipv4;
    Bytes packet = frame.data;
    for (;;) {
        const Verdict verdict = is_v4 ? strip_ipv4(packet, out) : strip_ipv6(packet, out);
        if (verdict != go_on) return verdict;
        if (out.protocol == ip_protocol::ipv4) {
            if (!encap.push({LayerKind::ipip, 0, false})) return Verdict::too_many_layers;
            is_v4 = true;
        } else if (out.protocol == ip_protocol::ipv6) {
            if (!encap.push({LayerKind::sit, 0, false})) return Verdict::too_many_layers;
            is_v4 = false;
        } else {
            return go_on;
        }
        packet = out.data;
    }
}

}  // namespace hepcap::dissect
