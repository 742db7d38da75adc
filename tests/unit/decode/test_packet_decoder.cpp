#include "decode/packet_decoder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/byte_writer.hpp"

using namespace hepcap;

namespace {

constexpr std::string_view options =
    "OPTIONS sip:192.0.2.2 SIP/2.0\r\nCall-ID: a@192.0.2.1\r\nCSeq: 1 OPTIONS\r\n\r\n";

// IPv4 and UDP from 192.0.2.1:5062 to 192.0.2.2, as a packet of raw IP.
std::vector<std::uint8_t> datagram(std::string_view payload, std::uint16_t port = 5060) {
    std::vector<std::uint8_t> octets;
    ByteWriter w(octets);
    w.u16(0x4500);
    w.u16(static_cast<std::uint16_t>(28 + payload.size()));
    w.u32(0);
    w.u32(0x40110000);
    w.u32(0xc0000201);
    w.u32(0xc0000202);
    w.u16(5062);
    w.u16(port);
    w.u16(static_cast<std::uint16_t>(8 + payload.size()));
    w.u16(0);
    w.append(as_bytes(payload));
    return octets;
}

// A HEP3 message that carries `payload` and says nothing else.
std::string hep3(std::string_view payload) {
    std::vector<std::uint8_t> octets;
    ByteWriter w(octets);
    w.append(as_bytes("HEP3"));
    w.u16(static_cast<std::uint16_t>(6 + 7 + 6 + payload.size()));
    w.u32(0x0000000b);  // protocol type
    w.u16(7);
    w.u8(1);
    w.u32(0x0000000f);  // payload
    w.u16(static_cast<std::uint16_t>(6 + payload.size()));
    w.append(as_bytes(payload));
    return std::string(as_text(octets));
}

capture::Packet packet_of(const std::vector<std::uint8_t>& octets) {
    capture::Packet packet;
    packet.link_type = 101;
    packet.original_length = static_cast<std::uint32_t>(octets.size());
    packet.data = octets;
    packet.time.ns = 1'000'000'000;
    return packet;
}

std::size_t count_records(decode::PacketDecoder& decoder) {
    std::size_t n = 0;
    while (decoder.next()) ++n;
    return n;
}

}  // namespace

TEST_SUITE("decode") {
    TEST_CASE("a packet gives as many records as it has messages, and each is asked for") {
        decode::PacketDecoder decoder{{}};
        const auto sip = datagram(options);
        const auto sip_packet = packet_of(sip);
        decoder.start(sip_packet);
        const record::Record* const r = decoder.next();
        REQUIRE(r);
        CHECK(r->callid == "a@192.0.2.1");
        CHECK(decoder.message().version == 0);
        CHECK(decoder.next() == nullptr);
        CHECK(decoder.next() == nullptr);

        const auto two = datagram(hep3(options) + hep3(options), 9060);
        const auto two_packet = packet_of(two);
        decoder.start(two_packet);
        CHECK(count_records(decoder) == 2);
        CHECK(decoder.reject_cause().empty());

        const auto neither = datagram("neither");
        const auto other_packet = packet_of(neither);
        decoder.start(other_packet);
        CHECK(count_records(decoder) == 0);
        CHECK(decoder.tally().other_payload == 1);
        CHECK(decoder.tally().packets == 3);
        CHECK(decoder.tally().damaged() == 0);
    }

    TEST_CASE("what follows a good message in its datagram is rejected by its own cause") {
        decode::PacketDecoder decoder{{}};
        const std::string cut = hep3(options).substr(0, 40);
        const auto octets = datagram(hep3(options) + cut, 9060);
        const auto packet = packet_of(octets);
        decoder.start(packet);
        CHECK(decoder.next() != nullptr);
        CHECK(decoder.reject_cause().empty());
        CHECK(decoder.next() == nullptr);
        CHECK(decoder.reject_cause() == "length-beyond-datagram");
        CHECK(decoder.build_reject().kind == record::kind::packet);
        CHECK(decoder.tally().malformed_text() == "1 HEP length-beyond-datagram");
        CHECK(decoder.tally().damaged() == 1);
    }

    TEST_CASE("a start forgets what was left of the packet before") {
        decode::PacketDecoder decoder{{}};
        const auto two = datagram(hep3(options) + hep3(options), 9060);
        const auto two_packet = packet_of(two);
        const auto neither = datagram("neither");
        const auto other_packet = packet_of(neither);
        decoder.start(two_packet);
        CHECK(decoder.next() != nullptr);
        decoder.start(other_packet);
        CHECK(decoder.next() == nullptr);
    }

    TEST_CASE("malformed packets and those nobody takes apart are told apart, by name") {
        decode::PacketDecoder decoder{{}};
        auto short_udp = datagram("x");
        short_udp[24] = 0;
        short_udp[25] = 3;  // UDP length below its header
        const auto bad = packet_of(short_udp);
        decoder.start(bad);
        CHECK(decoder.next() == nullptr);
        CHECK(decoder.reject_cause() == "bad-udp-length");
        auto fragment = datagram(options);
        fragment[6] = 0x20;
        const auto cut = packet_of(fragment);
        decoder.start(cut);
        CHECK(decoder.next() == nullptr);
        CHECK(decoder.reject_cause().empty());
        CHECK(decoder.tally().malformed_text() == "1 bad-udp-length");
        CHECK(decoder.tally().undecoded_text() == "1 ip-fragment");
    }
}
