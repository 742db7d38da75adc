#include "dissect/upper_pdu.hpp"

#include "base/cursor.hpp"

namespace hepcap::dissect {

namespace {

// Tags and port types of Wireshark's exported_pdu_tlvs.h, as the link type registry refers to it.
namespace tag {
constexpr std::uint16_t end = 0;
constexpr std::uint16_t ipv4_source = 20;
constexpr std::uint16_t ipv4_destination = 21;
constexpr std::uint16_t ipv6_source = 22;
constexpr std::uint16_t ipv6_destination = 23;
constexpr std::uint16_t port_type = 24;
constexpr std::uint16_t source_port = 25;
constexpr std::uint16_t destination_port = 26;
}  // namespace tag

Transport transport_of(std::uint32_t port_type) {
    switch (port_type) {
        case 1: return Transport::sctp;
        case 2: return Transport::tcp;
        case 3: return Transport::udp;
        default: return Transport::none;
    }
}

void take(std::uint16_t tag, Bytes value, capture::Datagram& out) {
    const bool is_ipv4 = value.size() == 4;
    const bool is_ipv6 = value.size() == 16;
    const std::uint32_t number = value.size() == 4 ? load_u32(value.data()) : 0;
    switch (tag) {
        case tag::ipv4_source:
            if (is_ipv4) out.source.address = IpAddress::v4(value.data());
            break;
        case tag::ipv4_destination:
            if (is_ipv4) out.destination.address = IpAddress::v4(value.data());
            break;
        case tag::ipv6_source:
            if (is_ipv6) out.source.address = IpAddress::v6(value.data());
            break;
        case tag::ipv6_destination:
            if (is_ipv6) out.destination.address = IpAddress::v6(value.data());
            break;
        case tag::port_type: out.transport = transport_of(number); break;
        case tag::source_port: out.source.port = static_cast<std::uint16_t>(number); break;
        case tag::destination_port: out.destination.port = static_cast<std::uint16_t>(number); break;
        default: break;  // the names of dissectors, columns, interfaces
    }
}

}  // namespace

// Tags in network order, padded to four octets, until one with number 0:
//
//   +---------+------------+---------------------------+
//   | tag (2) | length (2) | value (length and padding)|
//   +---------+------------+---------------------------+
Verdict strip_upper_pdu(Bytes packet, capture::Datagram& out) {
    out.source = {};
    out.destination = {};
    out.transport = Transport::none;
    Cursor cursor(packet);
    for (;;) {
        const std::uint16_t number = cursor.u16();
        const std::size_t length = cursor.u16();
        const Bytes value = cursor.take(length);
        if (!cursor.ok()) return Verdict::short_link_header;
        if (number == tag::end) break;
        take(number, value, out);
    }
    out.payload = cursor.rest();
    return Verdict::datagram;
}

}  // namespace hepcap::dissect
