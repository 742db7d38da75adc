#include "dissect/dissect.hpp"

#include <algorithm>
#include <array>

#include "base/cursor.hpp"
#include "dissect/ip.hpp"
#include "dissect/link.hpp"
#include "dissect/upper_pdu.hpp"

namespace hepcap::dissect {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Verdict::count_)> verdict_names{
    "datagram",          "not-ip",          "unknown-link-type",  "tcp-segment",
    "ip-fragment",       "other-transport", "tunnel-not-decoded", "cut-headers",
    "short-link-header", "bad-link-header", "too-many-layers",    "short-ip-header",
    "bad-ip-version",    "bad-ip-length",   "short-udp-header",   "bad-udp-length",
};

// RFC 768:
//
//   +-----------------+----------------------+------------+--------------+
//   | source port (2) | destination port (2) | length (2) | checksum (2) |
//   +-----------------+----------------------+------------+--------------+
//
// The checksum is not looked at: captures of a sender's own packets are full of unfinished ones.
Verdict strip_udp(Bytes packet, capture::Datagram& out) {
    constexpr std::size_t header = 8;
    if (packet.size() < header) return Verdict::short_udp_header;
    const std::uint8_t* p = packet.data();
    const std::size_t length = load_u16(p + 4);
    if (length < header) return Verdict::bad_udp_length;
    out.transport = Transport::udp;
    out.source.port = load_u16(p);
    out.destination.port = load_u16(p + 2);
    out.is_cut = length > packet.size();
    out.payload = packet.subspan(header, std::min(length, packet.size()) - header);
    return Verdict::datagram;
}

Verdict strip_transport(const IpPayload& ip, capture::Datagram& out) {
    out.source.address = ip.is_v4 ? IpAddress::v4(ip.source) : IpAddress::v6(ip.source);
    out.destination.address = ip.is_v4 ? IpAddress::v4(ip.destination) : IpAddress::v6(ip.destination);
    switch (ip.protocol) {
        case ip_protocol::udp: return strip_udp(ip.data, out);
        case ip_protocol::tcp:
            out.transport = Transport::tcp;
            out.payload = ip.data;
            return Verdict::tcp_segment;
        case ip_protocol::gre:
        case ip_protocol::ether_ip:
        case ip_protocol::mpls: return Verdict::tunnel_not_decoded;
        default: return Verdict::other_transport;
    }
}

Verdict strip_all(const capture::Packet& packet, capture::Datagram& out) {
    if (packet.link_type == link_type::upper_pdu) {
        const Verdict verdict = strip_upper_pdu(packet.data, out);
        out.is_cut = packet.is_cut();
        return verdict;
    }
    Frame frame;
    Verdict verdict = strip_link(packet.link_type, packet.data, frame);
    if (verdict == Verdict::datagram) verdict = strip_shims(frame, out.encap);
    if (verdict != Verdict::datagram) return verdict;
    IpPayload ip;
    verdict = strip_ip(frame, out.encap, ip);
    if (verdict != Verdict::datagram) return verdict;
    return strip_transport(ip, out);
}

bool is_short(Verdict verdict) {
    return verdict == Verdict::short_link_header || verdict == Verdict::short_ip_header ||
           verdict == Verdict::short_udp_header;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) { return verdict_names[static_cast<std::size_t>(verdict)]; }

Verdict dissect(const capture::Packet& packet, capture::Datagram& out) {
    out.time = packet.time;
    out.has_nanoseconds = packet.has_nanoseconds;
    out.origin = packet.origin;
    out.encap.clear();
    out.is_cut = false;
    const Verdict verdict = strip_all(packet, out);
    // Headers that the snaplen took are no fault of who sent them.
    return packet.is_cut() && is_short(verdict) ? Verdict::cut_headers : verdict;
}

}  // namespace hepcap::dissect
