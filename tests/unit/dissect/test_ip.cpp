#include "dissect/ip.hpp"

#include <doctest/doctest.h>

#include "dissect/dissect.hpp"
#include "dissect/frames.hpp"

using namespace hepcap;
using namespace hepcap::dissect;
using namespace hepcap::dissect::test;

namespace {

const Octets sip = octets("BYE sip:a@192.0.2.2 SIP/2.0\r\n\r\n");

Octets patched(Octets packet, std::size_t at, std::uint8_t value) {
    packet.at(at) = value;
    return packet;
}

Octets nested(std::size_t times) {
    Octets packet = ipv4(17, udp(sip));
    for (std::size_t i = 0; i < times; ++i) packet = ipv4(4, packet);
    return packet;
}

constexpr std::uint32_t raw = 101;

std::string encap_text(const capture::Datagram& datagram) {
    std::string all;
    for (const capture::Layer& layer : datagram.encap) {
        char text[capture::max_layer_text];
        all.append(text, capture::format(layer, text)).append(" ");
    }
    return all;
}

}  // namespace

TEST_SUITE("dissect") {
    TEST_CASE("every way to the same datagram gives its payload") {
        const Octets hop_by_hop = Octets{17, 0} + Octets(6);
        const Octets authentication = Octets{17, 4} + Octets(22);  // (4 + 2) * 4 octets
        const Octets atomic_fragment = Octets{17, 0} + u16(0) + u32(9);
        const struct {
            std::string name;
            Octets packet;
            std::string encap;
        } rows[] = {
            {"IPv4", ipv4(17, udp(sip)), ""},
            {"IPv4 with options", ipv4(17, udp(sip), 0, Octets(8, 1)), ""},
            {"IPv4, don't fragment", ipv4(17, udp(sip), 0x4000), ""},
            {"IPv4 without a total length", patched(patched(ipv4(17, udp(sip)), 2, 0), 3, 0), ""},
            {"IPv4 with padding behind", ipv4(17, udp(sip)) + Octets(7), ""},
            {"IPv6", ipv6(17, udp(sip)), ""},
            {"IPv6 without a payload length", patched(patched(ipv6(17, udp(sip)), 4, 0), 5, 0), ""},
            {"IPv6, hop-by-hop options", ipv6(0, hop_by_hop + udp(sip)), ""},
            {"IPv6, routing", ipv6(43, hop_by_hop + udp(sip)), ""},
            {"IPv6, destination options", ipv6(60, hop_by_hop + udp(sip)), ""},
            {"IPv6, authentication", ipv6(51, authentication + udp(sip)), ""},
            {"IPv6, a fragment that is all", ipv6(44, atomic_fragment + udp(sip)), ""},
            {"IPv4 in IPv4", ipv4(4, ipv4(17, udp(sip))), "ipip "},
            {"IPv6 in IPv4", ipv4(41, ipv6(17, udp(sip))), "sit "},
            {"IPv4 in IPv6", ipv6(4, ipv4(17, udp(sip))), "ipip "},
            {"as deep as may be", nested(8), "ipip ipip ipip ipip ipip ipip ipip ipip "},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            capture::Datagram out;
            REQUIRE(dissect::dissect(packet_of(row.packet, raw), out) == Verdict::datagram);
            CHECK(as_text(out.payload) == as_text(sip));
            CHECK(encap_text(out) == row.encap);
            CHECK_FALSE(out.is_cut);
        }
    }

    TEST_CASE("a packet that is no whole IP datagram is named") {
        const Octets plain = ipv4(17, udp(sip));
        const struct {
            std::string name;
            Octets packet;
            Verdict verdict;
        } rows[] = {
            {"first fragment", ipv4(17, udp(sip), 0x2000), Verdict::ip_fragment},
            {"later fragment", ipv4(17, udp(sip), 0x0001), Verdict::ip_fragment},
            {"fragment inside IP", ipv4(4, ipv4(17, udp(sip), 0x2000)), Verdict::ip_fragment},
            {"IPv6 first fragment", ipv6(44, Octets{17, 0} + u16(1) + u32(9) + udp(sip)),
             Verdict::ip_fragment},
            {"IPv6 later fragment", ipv6(44, Octets{17, 0} + u16(8) + u32(9) + udp(sip)),
             Verdict::ip_fragment},
            {"version 5", patched(plain, 0, 0x55), Verdict::bad_ip_version},
            {"header of 16 octets", patched(plain, 0, 0x44), Verdict::bad_ip_length},
            {"header longer than the packet", patched(first(plain, 30), 0, 0x4f), Verdict::short_ip_header},
            {"total length below the header", patched(patched(plain, 2, 0), 3, 19), Verdict::bad_ip_length},
            {"nothing", {}, Verdict::short_ip_header},
            {"extension header beyond the end", ipv6(0, Octets{17, 200} + Octets(6)),
             Verdict::short_ip_header},
            {"deeper than may be", nested(9), Verdict::too_many_layers},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            capture::Datagram out;
            CHECK(dissect::dissect(packet_of(row.packet, raw), out) == row.verdict);
        }
    }

    TEST_CASE("an EtherType and an IP version that contradict each other are refused") {
        capture::Datagram out;
        const Octets six_in_four = ethernet(0x0800, ipv6(17, udp(sip)));
        const Octets four_in_six = ethernet(0x86dd, ipv4(17, udp(sip)) + Octets(40));
        CHECK(dissect::dissect(packet_of(six_in_four), out) == Verdict::bad_ip_version);
        CHECK(dissect::dissect(packet_of(four_in_six), out) == Verdict::bad_ip_version);
    }
}
