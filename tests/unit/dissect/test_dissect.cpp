#include "dissect/dissect.hpp"

#include <doctest/doctest.h>

#include "dissect/frames.hpp"

using namespace hepcap;
using namespace hepcap::dissect;
using namespace hepcap::dissect::test;

namespace {

const Octets sip = octets("OPTIONS sip:192.0.2.2 SIP/2.0\r\n\r\n");

}  // namespace

TEST_SUITE("dissect") {
    TEST_CASE("a plain datagram comes with its addresses, ports, time and origin") {
        const Octets frame = ethernet(0x0800, ipv4(17, udp(sip)));
        capture::Packet packet = packet_of(frame);
        packet.has_nanoseconds = true;
        capture::Datagram out;
        REQUIRE(dissect::dissect(packet, out) == Verdict::datagram);
        CHECK(out.source.address.to_text() == "192.0.2.1");
        CHECK(out.destination.address.to_text() == "192.0.2.2");
        CHECK(out.source.port == 5060);
        CHECK(out.destination.port == 5062);
        CHECK(out.transport == Transport::udp);
        CHECK(as_text(out.payload) == as_text(sip));
        CHECK(out.time == packet.time);
        CHECK(out.has_nanoseconds);
        CHECK(out.origin.frame == 3);
        CHECK(out.encap.empty());
        CHECK_FALSE(out.is_cut);
    }

    TEST_CASE("nothing of the datagram before stays") {
        const Octets tagged = ethernet(0x8100, u16(100) + u16(0x0800) + ipv4(17, udp(sip)));
        capture::Packet cut = packet_of(tagged);
        cut.data = cut.data.first(cut.data.size() - 5);
        capture::Datagram out;
        REQUIRE(dissect::dissect(cut, out) == Verdict::datagram);
        CHECK(out.is_cut);
        const Octets plain = ethernet(0x86dd, ipv6(17, udp(sip)));
        REQUIRE(dissect::dissect(packet_of(plain), out) == Verdict::datagram);
        CHECK(out.encap.empty());
        CHECK_FALSE(out.is_cut);
        CHECK(out.source.address.to_text() == "2001:db8::1");
        CHECK(out.destination.address.to_text() == "2001:db8::2");
    }

    TEST_CASE("the UDP length decides where the payload ends") {
        const Octets header = u16(5060) + u16(5062);
        const Octets padding(20);
        const struct {
            std::string name;
            Octets ip_payload;
            Verdict verdict;
            std::string_view payload;
            bool is_cut;
        } rows[] = {
            {"exact", udp(octets("abc")), Verdict::datagram, "abc", false},
            {"shorter than IP says", udp(octets("abc")) + padding, Verdict::datagram, "abc", false},
            {"longer than IP says", header + u16(100) + u16(0) + octets("abc"), Verdict::datagram, "abc",
             true},
            {"empty", udp({}), Verdict::datagram, "", false},
            {"length 7", header + u16(7) + u16(0), Verdict::bad_udp_length, "", false},
            {"length 0", header + u16(0) + u16(0) + octets("abc"), Verdict::bad_udp_length, "", false},
            {"seven octets of header", first(header + u16(8) + u16(0), 7), Verdict::short_udp_header, "",
             false},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            const Octets frame = ethernet(0x0800, ipv4(17, row.ip_payload));
            capture::Datagram out;
            CHECK(dissect::dissect(packet_of(frame), out) == row.verdict);
            if (row.verdict != Verdict::datagram) continue;
            CHECK(as_text(out.payload) == row.payload);
            CHECK(out.is_cut == row.is_cut);
        }
    }

    TEST_CASE("what is no datagram is named") {
        const struct {
            std::string name;
            Octets frame;
            Verdict verdict;
        } rows[] = {
            {"ARP", ethernet(0x0806, Octets(28)), Verdict::not_ip},
            {"ICMP", ethernet(0x0800, ipv4(1, Octets(8))), Verdict::other_transport},
            {"SCTP", ethernet(0x0800, ipv4(132, Octets(12))), Verdict::other_transport},
            {"no next header", ethernet(0x86dd, ipv6(59, {})), Verdict::other_transport},
            {"GRE", ethernet(0x0800, ipv4(47, Octets(8))), Verdict::tunnel_not_decoded},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            capture::Datagram out;
            CHECK(dissect::dissect(packet_of(row.frame), out) == row.verdict);
            CHECK_FALSE(is_malformed(row.verdict));
        }
    }

    TEST_CASE("a TCP segment comes with its addresses and from its header on") {
        const Octets segment = u16(5060) + u16(5062) + Octets(16) + sip;
        const Octets frame = ethernet(0x0800, ipv4(6, segment) + Octets(9));
        capture::Datagram out;
        CHECK(dissect::dissect(packet_of(frame), out) == Verdict::tcp_segment);
        CHECK(out.transport == Transport::tcp);
        CHECK(out.source.address.to_text() == "192.0.2.1");
        CHECK(as_text(out.payload) == as_text(segment));
    }

    TEST_CASE("every prefix of a packet is malformed, or cut where the capture says so") {
        const Octets frame = ethernet(
            0x8100, u16(7) + u16(0x86dd) + ipv6(0, Octets{4, 0} + Octets(6) + ipv4(41, ipv6(17, udp(sip)))));
        const std::size_t headers = frame.size() - sip.size();
        for (std::size_t size = 0; size < frame.size(); ++size) {
            CAPTURE(size);
            const Octets prefix = first(frame, size);
            capture::Datagram out;
            const Verdict whole = dissect::dissect(packet_of(prefix), out);
            CHECK((size < headers ? is_malformed(whole) : whole == Verdict::datagram && out.is_cut));
            capture::Packet cut = packet_of(prefix);
            cut.original_length = static_cast<std::uint32_t>(frame.size());
            CHECK(dissect::dissect(cut, out) == (size < headers ? Verdict::cut_headers : Verdict::datagram));
        }
    }

    TEST_CASE("every verdict has a name of its own") {
        for (unsigned i = 0; i < static_cast<unsigned>(Verdict::count_); ++i) {
            const std::string_view name = verdict_name(static_cast<Verdict>(i));
            CHECK_FALSE(name.empty());
            for (unsigned j = 0; j < i; ++j) CHECK(name != verdict_name(static_cast<Verdict>(j)));
        }
        CHECK(verdict_name(Verdict::bad_udp_length) == "bad-udp-length");
        CHECK(verdict_name(Verdict::too_many_layers) == "too-many-layers");
    }
}
