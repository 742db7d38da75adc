#include <doctest/doctest.h>

#include "hep/encode.hpp"
#include "hep/frames.hpp"
#include "hep/from_datagram.hpp"

namespace hepcap::hep::test {

namespace {

using Encode = Result<std::size_t, Misfit> (*)(const Message&, Octets&);

Octets encoded(const Message& message, Encode encode) {
    Octets out;
    const auto size = encode(message, out);
    REQUIRE(size);
    CHECK(*size == out.size());
    return out;
}

std::string misfit(const Message& message, Encode encode) {
    Octets out{1, 2, 3};
    const auto size = encode(message, out);
    CHECK((out.size() == 3 || size));
    return size ? "" : std::string(misfit_name(size.error()));
}

// What every version of HEP carries.
void check_common(const Message& a, const Message& b) {
    CHECK(a.transport == b.transport);
    CHECK(a.source == b.source);
    CHECK(a.destination == b.destination);
    CHECK(a.protocol_type == b.protocol_type);
    CHECK(as_text(a.payload) == as_text(b.payload));
}

void check_hep3(const Message& a, const Message& b) {
    check_common(a, b);
    CHECK(a.has_time == b.has_time);
    CHECK(a.time == b.time);
    CHECK(a.has_capture_agent_id == b.has_capture_agent_id);
    CHECK(a.capture_agent_id == b.capture_agent_id);
    CHECK(a.has_vlan == b.has_vlan);
    CHECK(a.vlan == b.vlan);
    CHECK(a.capture_agent_name == b.capture_agent_name);
    CHECK(a.correlation_id == b.correlation_id);
    CHECK(a.auth_key == b.auth_key);
    REQUIRE(a.extra.size() == b.extra.size());
    for (std::size_t i = 0; i < a.extra.size(); ++i) {
        CHECK(a.extra[i].vendor_id == b.extra[i].vendor_id);
        CHECK(a.extra[i].type_id == b.extra[i].type_id);
        CHECK(as_text(a.extra[i].value) == as_text(b.extra[i].value));
    }
}

}  // namespace

TEST_SUITE_BEGIN("hep");

TEST_CASE("a message decoded from a sender's octets is encoded to the same octets") {
    struct Row {
        std::string_view name;
        Encode encode;
    };
    const Row rows[] = {{"hep3-options", encode_v3},
                        {"hep3-reply-beginning", encode_v3},
                        {"hep2-options", encode_v2},
                        {"hep1-options", encode_v1}};
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const Decoded d(hex_file(std::string(row.name)));
        CHECK((encoded(d.message, row.encode) == d.frame));
    }
}

TEST_CASE("decoding what was encoded gives the same message in every version") {
    for (const std::string_view name : {"hep3-options", "hep3-ipv6-all-members", "hep2-options", "hep2-ipv6",
                                        "hep1-options", "hep1-trailing-zeros"}) {
        CAPTURE(name);
        const Decoded original(hex_file(std::string(name)));
        REQUIRE(original.refused == "");

        const Decoded v1(encoded(original.message, encode_v1));
        CHECK(v1.notes() == "");
        check_common(v1.message, original.message);

        const Decoded v2(encoded(original.message, encode_v2));
        CHECK(v2.notes() == (original.message.has_time ? "" : "no-time"));
        check_common(v2.message, original.message);
        CHECK(v2.message.time == original.message.time);
        CHECK(v2.message.capture_agent_id == original.message.capture_agent_id);

        const Decoded v3(encoded(original.message, encode_v3));
        CHECK(v3.notes() == (original.message.has_time ? "" : "no-time"));
        check_hep3(v3.message, original.message);
    }
}

TEST_CASE("what a HEP3 message lacks is still lacking after a round trip") {
    for (const unsigned type : {1U, 2U, 3U, 9U, 11U, 12U, 15U, 17U}) {
        CAPTURE(type);
        const Decoded original(hep3(usual_without({type})));
        const Decoded again(encoded(original.message, encode_v3));
        check_hep3(again.message, original.message);
        CHECK(again.message.has_protocol_type == original.message.has_protocol_type);
    }
}

TEST_CASE("a draft's chunks go out under the draft's magic, where they keep their meaning") {
    const Decoded original(hep3(usual_without({17}) + chunk(16, Octets{0, 0, 0, 1}), "EEP1"));
    const Decoded again(encoded(original.message, encode_v3));
    CHECK(again.refused == "");
    CHECK(again.notes() == "alternate-magic");
    check_hep3(again.message, original.message);
}

TEST_CASE("a sniffed message is encoded with all that a receiver wants to know") {
    capture::Datagram datagram = carrier(as_bytes(options));
    datagram.destination = datagram.source;
    datagram.transport = Transport::tcp;
    Message message;
    from_datagram(datagram, message);
    const Decoded d(encoded(message, encode_v3));
    CHECK(d.notes() == "");
    check_common(d.message, message);
    CHECK(d.message.has_protocol_type);
    CHECK(d.message.time == datagram.time);
}

TEST_CASE("what HEP3 has no chunk for travels in hepcap's own") {
    Decoded d(hex_file("hep3-options"));
    Message& m = d.message;
    m.transport = Transport::wss;
    m.time = Timestamp::from_parts(m.time.second(), 949'708'123);
    m.has_nanoseconds = true;
    m.is_cut = true;
    m.copies = 3;
    m.encap.push({capture::LayerKind::vlan, 100, true});
    m.encap.push({capture::LayerKind::ipip});
    m.carried = Carried{2, false, true, {}};
    m.carried->notes.add(Note::no_padding);
    m.carried->notes.add(Note::big_endian_time);

    const Decoded again(encoded(m, encode_v3));
    CHECK(again.notes() == "");
    CHECK(again.message.extra.empty());
    CHECK(again.message.transport == Transport::wss);
    CHECK(again.message.time == m.time);
    CHECK(again.message.has_nanoseconds);
    CHECK(again.message.is_cut);
    CHECK(again.message.copies == 3);
    std::string layers;
    for (const capture::Layer& layer : again.message.encap) {
        char text[capture::max_layer_text];
        layers.append(text, capture::format(layer, text)) += ' ';
    }
    CHECK(layers == "vlan:100 ipip ");
    REQUIRE(again.message.carried);
    CHECK(again.message.carried->version == 2);
    CHECK_FALSE(again.message.carried->has_protocol_type);
    CHECK(again.message.carried->has_vlan);
    CHECK(again.message.carried->notes.has(Note::no_padding));
    CHECK(again.message.carried->notes.has(Note::big_endian_time));
    CHECK_FALSE(again.message.carried->notes.has(Note::no_time));
}

TEST_CASE("an own chunk that is none of ours is kept verbatim, and does nothing") {
    struct Row {
        unsigned type;
        std::string_view value;
    };
    using namespace std::string_view_literals;
    const Row rows[] = {{0x4800, "x"},
                        {0x4801, "\x04\x00"sv},
                        {0x4801, "\x00\x08"sv},
                        {0x4801, "\x01"},
                        {0x4802, ""},
                        {0x4802, "no-time,"},
                        {0x4802, "no-rhyme"},
                        {0x4803, "\x03\xe8"sv},
                        {0x4803, "1"},
                        {0x4804, "udp"},
                        {0x4804, ""},
                        {0x4805, "vlan:x"},
                        {0x4805, "vlan:1,,ipip"},
                        {0x4805, "a,a,a,a"},
                        {0x4805, "vlan:4294967296"},
                        {0x4805, "ipip,ipip,ipip,ipip,ipip,ipip,ipip,ipip,ipip"},
                        {0x4806, "\x00"sv},
                        {0x4807, "x"},
                        {0x4808, ""}};
    for (const Row& row : rows) {
        CAPTURE(row.type);
        CAPTURE(row.value);
        Decoded d(hex_file("hep3-options"));
        d.message.extra.push_back({0x4843, static_cast<std::uint16_t>(row.type), as_bytes(row.value)});
        const Decoded again(encoded(d.message, encode_v3));
        REQUIRE(again.message.extra.size() == d.message.extra.size());
        CHECK(as_text(again.message.extra.back().value) == row.value);
        CHECK_FALSE(again.message.carried);
        CHECK_FALSE(again.message.is_cut);
        CHECK_FALSE(again.message.has_nanoseconds);
        CHECK(again.message.encap.empty());
        CHECK(again.message.transport == d.message.transport);
    }
}

TEST_CASE("what a version cannot say is refused by cause, and nothing is appended") {
    Decoded d(hex_file("hep3-options"));
    const Message good = d.message;
    Message m = good;

    Octets large(65535 - 110, 'x');
    m.payload = Bytes{large.data(), large.size()};
    CHECK(misfit(m, encode_v3) == "");
    large.push_back('x');
    m.payload = Bytes{large.data(), large.size()};
    CHECK(misfit(m, encode_v3) == "too-long");
    const Octets huge(70'000, 'x');
    m.payload = Bytes{huge.data(), huge.size()};
    CHECK(misfit(m, encode_v3) == "too-long");

    m = good;
    m.extra.assign(1005, Chunk{9, 9, {}});
    CHECK(misfit(m, encode_v3) == "too-many-chunks");

    m = good;
    m.time = Timestamp::from_parts(4'294'967'296, 0);
    CHECK(misfit(m, encode_v3) == "time-out-of-range");
    CHECK(misfit(m, encode_v2) == "time-out-of-range");
    CHECK(misfit(m, encode_v1) == "");
    m.time = Timestamp{-1};
    CHECK(misfit(m, encode_v3) == "time-out-of-range");

    m = good;
    m.capture_agent_id = 65536;
    CHECK(misfit(m, encode_v2) == "agent-id-too-large");

    m = good;
    m.protocol_type = ProtocolType::log;
    CHECK(misfit(m, encode_v1) == "not-sip");
    CHECK(misfit(m, encode_v2) == "not-sip");

    m = good;
    m.destination.address = {};
    CHECK(misfit(m, encode_v1) == "no-addresses");
    const std::uint8_t v6[16] = {0x20, 1, 0x0d, 0xb8};
    m.destination.address = IpAddress::v6(v6);
    CHECK(misfit(m, encode_v2) == "mixed-families");

    m = good;
    m.transport = Transport::none;
    CHECK(misfit(m, encode_v1) == "no-transport");
    CHECK(misfit(m, encode_v3) == "");
}

TEST_CASE("HEP1 and HEP2 are not made of what no receiver would know for them") {
    Decoded d(hex_file("hep3-options"));
    for (const std::string_view payload : {"", "\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"}) {
        CAPTURE(payload);
        d.message.payload = as_bytes(payload);
        CHECK(misfit(d.message, encode_v1) == "not-sip");
        CHECK(misfit(d.message, encode_v2) == "not-sip");
        CHECK(misfit(d.message, encode_v3) == "");
    }
}

TEST_CASE("HEP3 always says an IP protocol, 0 where it is not known") {
    const Decoded without(hep3(usual_without({2})));
    CHECK(without.notes() == "no-ip-protocol");
    CHECK(Decoded(encoded(without.message, encode_v3)).notes() == "unknown-ip-protocol");
}

TEST_SUITE_END();

}  // namespace hepcap::hep::test
