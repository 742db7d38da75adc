#include "dissect/link.hpp"

#include <doctest/doctest.h>
#include <tins/tins.h>

#include "dissect/dissect.hpp"
#include "dissect/frames.hpp"

using namespace hepcap;
using namespace hepcap::dissect;
using namespace hepcap::dissect::test;

namespace {

const Octets sip = octets("SIP/2.0 200 OK\r\n\r\n");
const Octets ip = ipv4(17, udp(sip));

Octets llc(const Octets& payload) { return Octets{0xaa, 0xaa, 3, 0, 0, 0} + u16(0x0800) + payload; }

std::string encap_text(const capture::Datagram& datagram) {
    std::string all;
    for (const capture::Layer& layer : datagram.encap) {
        char text[capture::max_layer_text];
        all.append(text, capture::format(layer, text)).append(" ");
    }
    return all;
}

// The same datagram in an 802.11 frame to an access point, as libtins writes it.
template <class Data>
Octets ieee802_11() {
    Data frame("00:00:5e:00:53:01", "00:00:5e:00:53:02");
    frame.to_ds(1);
    frame.inner_pdu(Tins::SNAP() / Tins::IP("192.0.2.2", "192.0.2.1") / Tins::UDP(5062, 5060) /
                    Tins::RawPDU(sip.data(), static_cast<std::uint32_t>(sip.size())));
    return frame.serialize();
}

Octets radiotap(const Octets& frame) { return Octets{0, 0, 8, 0, 0, 0, 0, 0} + frame; }

}  // namespace

TEST_SUITE("dissect") {
    TEST_CASE("every link type leads to the same datagram") {
        const Octets ppp = Octets{0x00, 0x21} + ip;
        const struct {
            std::string name;
            std::uint32_t link_type;
            Octets packet;
            std::string encap;
        } rows[] = {
            {"Ethernet", 1, ethernet(0x0800, ip), ""},
            {"Ethernet, padded", 1, ethernet(0x0800, ip) + Octets(14, 0xee), ""},
            {"802.1Q", 1, ethernet(0x8100, u16(0xe064) + u16(0x0800) + ip), "vlan:100 "},
            {"802.1ad", 1, ethernet(0x88a8, u16(7) + u16(0x8100) + u16(8) + u16(0x0800) + ip),
             "vlan:7 vlan:8 "},
            {"QinQ of old", 1, ethernet(0x9100, u16(7) + u16(0x8100) + u16(8) + u16(0x0800) + ip),
             "vlan:7 vlan:8 "},
            {"802.3 with LLC and SNAP", 1, ethernet(ip.size() + 8, llc(ip)), ""},
            {"802.3 in a VLAN", 1, ethernet(0x8100, u16(9) + u16(ip.size() + 8) + llc(ip)), "vlan:9 "},
            {"MPLS", 1, ethernet(0x8847, u32(16 << 12 | 0x140) + ip), "mpls:16 "},
            {"MPLS, two labels", 1, ethernet(0x8847, u32(1048575u << 12 | 0x40) + u32(3 << 12 | 0x1ff) + ip),
             "mpls:1048575 mpls:3 "},
            {"PPPoE", 1, ethernet(0x8864, Octets{0x11, 0} + u16(5) + u16(ppp.size()) + ppp + Octets(3)),
             "pppoe "},
            {"Linux cooked", 113, u16(0) + u16(1) + u16(6) + Octets(8) + u16(0x0800) + ip, ""},
            {"Linux cooked, VLAN", 113, Octets(14) + u16(0x8100) + u16(5) + u16(0x0800) + ip, "vlan:5 "},
            {"Linux cooked 2", 276, u16(0x0800) + Octets(18) + ip, ""},
            {"raw", 101, ip, ""},
            {"raw, BSD's number", 12, ip, ""},
            {"raw, OpenBSD's number", 14, ip, ""},
            {"IPv4", 228, ip, ""},
            {"NULL, little-endian", 0, Octets{2, 0, 0, 0} + ip, ""},
            {"NULL, big-endian", 0, Octets{0, 0, 0, 2} + ip, ""},
            {"LOOP", 108, Octets{0, 0, 0, 2} + ip, ""},
            {"PPP", 9, ppp, ""},
            {"PPP with address and control", 9, Octets{0xff, 0x03} + ppp, ""},
            {"PPP with a short protocol", 9, Octets{0x21} + ip, ""},
            {"PPP in HDLC framing", 50, Octets{0xff, 0x03} + ppp, ""},
            {"Cisco HDLC", 104, Octets{0x0f, 0} + u16(0x0800) + ip, ""},
            {"802.11", 105, ieee802_11<Tins::Dot11Data>(), ""},
            {"802.11 with quality of service", 105, ieee802_11<Tins::Dot11QoSData>(), ""},
            {"802.11 with radiotap", 127, radiotap(ieee802_11<Tins::Dot11Data>()), ""},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            capture::Datagram out;
            REQUIRE(dissect::dissect(packet_of(row.packet, row.link_type), out) == Verdict::datagram);
            CHECK(as_text(out.payload) == as_text(sip));
            CHECK(out.source.address.to_text() == "192.0.2.1");
            CHECK(encap_text(out) == row.encap);
        }
    }

    TEST_CASE("every system's number for IPv6 in NULL and LOOP is known") {
        const Octets six = ipv6(17, udp(sip));
        for (const std::uint8_t family : Octets{10, 24, 28, 30}) {
            CAPTURE(family);
            capture::Datagram out;
            const Octets null = Octets{family, 0, 0, 0} + six;
            const Octets loop = Octets{0, 0, 0, family} + six;
            CHECK(dissect::dissect(packet_of(null, 0), out) == Verdict::datagram);
            CHECK(dissect::dissect(packet_of(loop, 108), out) == Verdict::datagram);
        }
        capture::Datagram out;
        CHECK(dissect::dissect(packet_of(six, 229), out) == Verdict::datagram);
    }

    TEST_CASE("a link header that leads nowhere is named") {
        Octets eight_tags;
        for (int i = 0; i < 8; ++i) eight_tags = eight_tags + u16(1) + u16(0x8100);
        const struct {
            std::string name;
            std::uint32_t link_type;
            Octets packet;
            Verdict verdict;
        } rows[] = {
            {"nobody's link type", 147, ip, Verdict::unknown_link_type},
            {"half an Ethernet header", 1, Octets(13), Verdict::short_link_header},
            {"half a VLAN tag", 1, ethernet(0x8100, u16(1)), Verdict::short_link_header},
            {"more VLAN tags than may be", 1, ethernet(0x8100, eight_tags + u16(1) + u16(0x0800) + ip),
             Verdict::too_many_layers},
            {"MPLS without an end", 1, ethernet(0x8847, Octets(200)), Verdict::too_many_layers},
            {"MPLS pseudowire", 1, ethernet(0x8847, u32(0x1ff) + Octets(40)), Verdict::tunnel_not_decoded},
            {"spanning tree", 1, ethernet(38, Octets{0x42, 0x42, 3} + Octets(35)), Verdict::not_ip},
            {"SNAP of another organization", 1,
             ethernet(20, Octets{0xaa, 0xaa, 3, 0, 0, 12, 0x20, 0} + Octets(12)), Verdict::not_ip},
            {"PPPoE discovery", 1, ethernet(0x8863, Octets(40)), Verdict::not_ip},
            {"PPPoE of another version", 1, ethernet(0x8864, Octets(40)), Verdict::bad_link_header},
            {"PPP control", 9, Octets{0xc0, 0x21} + Octets(20), Verdict::not_ip},
            {"another address family", 0, Octets{7, 0, 0, 0} + ip, Verdict::not_ip},
            {"an 802.11 beacon", 105, Octets{0x80, 0} + Octets(60), Verdict::not_ip},
            {"half an 802.11 header", 105, Octets{0x08, 0, 0, 0}, Verdict::short_link_header},
            {"an encrypted 802.11 frame", 105, Octets{0x08, 0x41} + Octets(60), Verdict::not_ip},
            {"an 802.11 frame without data", 105, Octets{0x48, 0x01} + Octets(22), Verdict::not_ip},
            {"radiotap longer than the packet", 127, Octets{0, 0, 0xff, 0, 0, 0, 0, 0},
             Verdict::short_link_header},
            {"radiotap shorter than itself", 127, Octets{0, 0, 7, 0, 0, 0, 0, 0}, Verdict::bad_link_header},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            capture::Datagram out;
            CHECK(dissect::dissect(packet_of(row.packet, row.link_type), out) == row.verdict);
        }
    }

    TEST_CASE("an exported PDU has the addresses and ports that its tags tell") {
        const auto tag = [](std::size_t number, const Octets& value) {
            return u16(number) + u16(value.size()) + value;
        };
        const Octets packet = tag(12, octets("sip") + Octets(1)) + tag(20, u32(0xc0000201)) +
                              tag(21, u32(0xc0000202)) + tag(24, u32(3)) + tag(25, u32(5060)) +
                              tag(26, u32(5062)) + tag(0, {}) + sip;
        capture::Datagram out;
        REQUIRE(dissect::dissect(packet_of(packet, 252), out) == Verdict::datagram);
        CHECK(out.source.address.to_text() == "192.0.2.1");
        CHECK(out.destination.address.to_text() == "192.0.2.2");
        CHECK(out.source.port == 5060);
        CHECK(out.destination.port == 5062);
        CHECK(out.transport == Transport::udp);
        CHECK(as_text(out.payload) == as_text(sip));
        for (std::size_t size = 0; size < packet.size() - sip.size(); ++size) {
            const Octets prefix = first(packet, size);
            CHECK(dissect::dissect(packet_of(prefix, 252), out) == Verdict::short_link_header);
        }
    }
}
