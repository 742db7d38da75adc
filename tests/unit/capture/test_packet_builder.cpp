#include "capture/packet_builder.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/cursor.hpp"
#include "base/network.hpp"
#include "capture/flow_sequence.hpp"

using namespace hepcap;
using capture::PacketBuilder;

TEST_SUITE_BEGIN("capture");

namespace {

Endpoint end(std::string_view address, std::uint16_t port) { return {parse_ip_address(address), port}; }

// RFC 1071: with its checksum in place, the ones' complement sum of octets is all ones.
std::uint32_t folded_sum(Bytes octets, std::uint32_t sum = 0) {
    for (std::size_t i = 0; i < octets.size(); ++i) sum += i % 2 == 0 ? octets[i] << 8U : octets[i];
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

struct Taken {
    std::uint16_t ether_type = 0;
    std::uint16_t vlan = 0;
    std::uint8_t protocol = 0;
    Bytes addresses;
    Bytes transport;
};

// Takes a packet apart by the RFCs, independently of the builder, and checks what can be checked.
Taken take_apart(Bytes packet) {
    Taken taken;
    Cursor cursor(packet);
    cursor.skip(12);
    taken.ether_type = cursor.u16();
    if (taken.ether_type == 0x8100) {
        taken.vlan = cursor.u16();
        taken.ether_type = cursor.u16();
    }
    if (taken.ether_type == 0x0800) {
        const Bytes header = cursor.rest().first(20);
        CHECK(header[0] == 0x45);
        CHECK(folded_sum(header) == 0xffff);
        CHECK(load_u16(header.data() + 2) == cursor.remaining());
        taken.protocol = header[9];
        taken.addresses = header.subspan(12, 8);
        cursor.skip(20);
    } else {
        REQUIRE(taken.ether_type == 0x86dd);
        const Bytes header = cursor.rest().first(40);
        CHECK(header[0] == 0x60);
        CHECK(load_u16(header.data() + 4) == cursor.remaining() - 40);
        taken.protocol = header[6];
        taken.addresses = header.subspan(8, 32);
        cursor.skip(40);
    }
    taken.transport = cursor.rest();
    const auto length = static_cast<std::uint32_t>(taken.transport.size());
    CHECK(folded_sum(taken.transport, folded_sum(taken.addresses, taken.protocol + length)) == 0xffff);
    return taken;
}

}  // namespace

TEST_CASE("a datagram has addresses, ports, lengths and checksums right, in both families") {
    struct Row {
        const char *source, *destination;
        std::uint16_t ether_type;
    };
    const Row rows[] = {{"192.0.2.1", "203.0.113.9", 0x0800},
                        {"2001:db8::1", "2001:db8::2", 0x86dd},
                        {"192.0.2.1", "2001:db8::2", 0x86dd}};
    PacketBuilder builder;
    for (const Row& row : rows) {
        for (const std::string& payload : {std::string("OPTIONS"), std::string("BYE "), std::string()}) {
            CAPTURE(row.source);
            CAPTURE(payload);
            const Taken taken = take_apart(
                builder.build_udp({end(row.source, 5060), end(row.destination, 65535)}, as_bytes(payload)));
            CHECK(taken.ether_type == row.ether_type);
            CHECK(taken.protocol == 17);
            CHECK(load_u16(taken.transport.data()) == 5060);
            CHECK(load_u16(taken.transport.data() + 2) == 65535);
            CHECK(load_u16(taken.transport.data() + 4) == 8 + payload.size());
            CHECK(as_text(taken.transport.subspan(8)) == payload);
        }
    }
}

TEST_CASE("a segment says where in the stream it stands") {
    PacketBuilder builder;
    const Taken taken = take_apart(
        builder.build_tcp({end("192.0.2.1", 5060), end("192.0.2.2", 5061)}, 0xfffffff0, 17, as_bytes("ACK")));
    CHECK(taken.protocol == 6);
    CHECK(load_u32(taken.transport.data() + 4) == 0xfffffff0);
    CHECK(load_u32(taken.transport.data() + 8) == 17);
    CHECK(taken.transport[12] == 0x50);
    CHECK(taken.transport[13] == 0x18);
    CHECK(as_text(taken.transport.subspan(20)) == "ACK");
}

TEST_CASE("a tag, absent addresses and mapped ones are written as they are said") {
    PacketBuilder builder;
    const Taken tagged = take_apart(builder.build_udp({end("192.0.2.1", 1), {}, 100, true}, as_bytes("x")));
    CHECK(tagged.vlan == 100);
    CHECK(load_u32(tagged.addresses.data() + 4) == 0);
    const Taken mapped =
        take_apart(builder.build_udp({end("192.0.2.1", 1), end("2001:db8::2", 1)}, as_bytes("x")));
    CHECK(IpAddress::v6(mapped.addresses.data()).to_text() == "::ffff:192.0.2.1");
}

TEST_CASE("what is too long for a datagram gives none, and the longest gives one") {
    PacketBuilder builder;
    const std::string payload(65508, 'x');
    CHECK(builder.build_udp({end("192.0.2.1", 1), end("192.0.2.2", 1)}, as_bytes(payload)).empty());
    const Bytes longest =
        builder.build_udp({end("192.0.2.1", 1), end("192.0.2.2", 1)}, as_bytes(payload).subspan(1));
    CHECK(take_apart(longest).transport.size() == 65515);
    const Bytes segment = builder.build_tcp({end("192.0.2.1", 1), end("192.0.2.2", 1)}, 0, 0,
                                            as_bytes(payload).first(PacketBuilder::max_segment));
    CHECK(take_apart(segment).transport.size() == 65515);
}

TEST_CASE("each direction of a flow counts its own octets, without gaps") {
    capture::FlowSequence sequence;
    const Endpoint a = end("192.0.2.1", 5060);
    const Endpoint b = end("192.0.2.2", 5060);
    const auto time = Timestamp::from_parts(1'750'000'000, 0);
    CHECK(sequence.peek(a, b) == 0);
    const std::uint32_t first = sequence.advance(a, b, time, 100);
    CHECK(sequence.peek(a, b) == first + 100);
    CHECK(sequence.peek(b, a) == 0);
    const std::uint32_t other = sequence.advance(b, a, time, 7);
    CHECK(sequence.advance(a, b, time, 50) == first + 100);
    CHECK(sequence.advance(a, b, time, 1) == first + 150);
    CHECK(sequence.advance(b, a, time, 1) == other + 7);
}

TEST_CASE("a flow that was forgotten comes back ahead of where it was") {
    capture::FlowSequence sequence;
    const Endpoint b = end("192.0.2.2", 5060);
    const Endpoint a = end("192.0.2.1", 1);
    const std::uint32_t first = sequence.advance(a, b, Timestamp::from_parts(1'750'000'000, 0), 1000);
    std::uint16_t port = 2;
    while (sequence.peek(a, b) != 0 && port != 0) {
        sequence.advance(end("192.0.2.1", port), b, Timestamp::from_parts(1'750'000'000, 0), 1);
        ++port;
    }
    REQUIRE(sequence.peek(a, b) == 0);
    const std::uint32_t again = sequence.advance(a, b, Timestamp::from_parts(1'750'000'001, 0), 1000);
    CHECK(again - first >= 1000);
    CHECK(again - first < 0x80000000U);
}

TEST_SUITE_END();
