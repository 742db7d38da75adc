// What became of a packet.  Only `datagram` goes on; everything else is counted under its name.
#pragma once

#include <cstdint>
#include <string_view>

namespace hepcap::dissect {

enum class Verdict : std::uint8_t {
    datagram,

    // Sound, but nothing that is decoded from a single packet.
    not_ip,  // ARP, spanning tree, encrypted 802.11 …
    unknown_link_type,
    tcp_segment,
    ip_fragment,
    other_transport,     // ICMP, SCTP, ESP …
    tunnel_not_decoded,  // GRE, an MPLS pseudowire …
    cut_headers,         // the snaplen took away a part of the headers

    // Malformed, from here on.
    short_link_header,
    bad_link_header,
    too_many_layers,  // more than Encap::max_layers
    short_ip_header,
    bad_ip_version,
    bad_ip_length,
    short_udp_header,
    bad_udp_length,
    count_,
};

// "not-ip" and so on: lower case with hyphens, for counters.
std::string_view verdict_name(Verdict verdict);

constexpr bool is_malformed(Verdict verdict) {
    return verdict >= Verdict::short_link_header && verdict < Verdict::count_;
}

// Whether SIP may have been in the packet that nobody looked at: worth telling a person.
constexpr bool is_undecoded(Verdict verdict) {
    return verdict == Verdict::unknown_link_type || verdict == Verdict::tcp_segment ||
           verdict == Verdict::ip_fragment || verdict == Verdict::tunnel_not_decoded ||
           verdict == Verdict::cut_headers;
}

}  // namespace hepcap::dissect
