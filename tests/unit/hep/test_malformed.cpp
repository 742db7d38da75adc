// What the decoder does with each kind of malformed or hostile input, one row each.  An expectation
// is either the refusal or the notes, and where it matters what the message then says.
#include <doctest/doctest.h>

#include "hep/frames.hpp"

namespace hepcap::hep::test {

namespace {

struct Row {
    std::string_view name;
    Octets frame;
    const char* refused;
    const char* notes;
};

void check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const Decoded d(row.frame);
        CHECK(d.refused == row.refused);
        if (d.refused.empty()) CHECK(d.notes() == row.notes);
    }
}

Octets with_total(Octets frame, std::uint16_t total) {
    frame[4] = static_cast<std::uint8_t>(total >> 8);
    frame[5] = static_cast<std::uint8_t>(total);
    return frame;
}

Octets many(std::size_t count, const Octets& piece) {
    Octets out;
    for (std::size_t i = 0; i < count; ++i) out = std::move(out) + piece;
    return out;
}

const Octets source_v6 = from_hex("20010db8000000000000000000000001");
const Octets destination_v6 = from_hex("20010db8000000000000000000000002");

}  // namespace

TEST_SUITE_BEGIN("hep");

TEST_CASE("frames whose outside is wrong are refused by cause, or read with a note") {
    check({
        {"nothing", {}, "short-header", ""},
        {"one octet of the magic", octets("H"), "short-header", ""},
        {"the magic alone", octets("HEP3"), "short-header", ""},
        {"half a total length", octets("HEP3") + Octets{0}, "short-header", ""},
        {"another magic", hep3(usual(), "HEP2"), "unknown-magic", ""},
        {"text", octets("OPTIONS sip:b SIP/2.0"), "unknown-magic", ""},
        {"magic EEP1", hep3(usual_without({17}), "EEP1"), "", "alternate-magic"},
        {"magic EEP3", hep3(usual(), "EEP3"), "", "alternate-magic"},
        {"total length beyond the datagram", with_total(hep3(usual()), 136), "length-beyond-datagram", ""},
        {"total length 65535", with_total(hep3(usual()), 65535), "length-beyond-datagram", ""},
        {"octets after the total length", hep3(usual()) + Octets(16, 0xaa), "", "trailing-bytes"},
        {"total length 0", with_total(hep3(usual()), 0), "bad-total-length", ""},
        {"total length 5", with_total(hep3(usual()), 5), "bad-total-length", ""},
        {"total length 6, no chunk", hep3({}), "",
         "no-family no-ip-protocol no-protocol-type no-addresses no-time no-payload"},
        {"heplify's protobuf form", hex_file("heplify-protobuf"), "heplify-protobuf", ""},
    });
}

TEST_CASE("two messages in one datagram are both decoded") {
    const Octets both = hep3(usual()) + hep3(usual_without({17}), "EEP3");
    const capture::Datagram datagram = carrier(both);
    Decoder decoder;
    Message message;
    Bytes rest = both;

    auto used = decoder.decode(rest, datagram, message);
    REQUIRE(used);
    CHECK(*used == 135);
    CHECK(message.correlation_id == "cid-x");
    CHECK(message.notes.empty());

    rest = rest.subspan(*used);
    used = decoder.decode(rest, datagram, message);
    REQUIRE(used);
    CHECK(*used == rest.size());
    CHECK(message.correlation_id.empty());
    CHECK(as_text(message.payload) == options);
}

TEST_CASE("chunks whose outside is wrong refuse the message, or are left out with a note") {
    check({
        {"chunk length 0", hep3(usual() + from_hex("0000 0013 0000")), "chunk-length-below-header", ""},
        {"chunk length 5", hep3(usual() + from_hex("0000 0013 0005")), "chunk-length-below-header", ""},
        {"a chunk that overruns the message", hep3(usual() + from_hex("0000 0013 0007")),
         "chunk-beyond-message", ""},
        {"one octet after the last chunk", hep3(usual() + Octets{0}), "", "stray-chunk-bytes"},
        {"five octets after the last chunk", hep3(usual() + Octets(5, 0)), "", "stray-chunk-bytes"},
        {"chunk type 0", hep3(usual() + chunk(0, "abc")), "", "chunk-type-zero"},
        {"an IPv4 chunk of 16 octets", hep3(usual_without({3}) + chunk(3, Octets(16, 1))), "",
         "chunk-wrong-size no-addresses"},
        {"an IPv4 chunk of no octets", hep3(usual_without({3}) + chunk(3, "")), "",
         "chunk-wrong-size no-addresses"},
        {"a port of one octet", hep3(usual_without({7}) + chunk(7, "a")), "", "chunk-wrong-size"},
        {"a protocol type of two octets", hep3(usual_without({11}) + chunk(11, "ab")), "",
         "chunk-wrong-size no-protocol-type"},
        {"seconds of eight octets", hep3(usual_without({9}) + chunk(9, "12345678")), "",
         "chunk-wrong-size no-time"},
        {"1024 chunks", hep3(many(1024, chunk(101, ""))), "",
         "no-family no-ip-protocol no-protocol-type no-addresses no-time no-payload"},
        {"1025 chunks", hep3(many(1025, chunk(101, ""))), "too-many-chunks", ""},
        {"as many chunks as fit", hep3(many(10921, chunk(101, ""))), "too-many-chunks", ""},
    });
}

TEST_CASE("an unknown generic chunk and a vendor's chunk are kept under their own names") {
    const Decoded d(hep3(usual() + chunk(0x7ffe, "x") + chunk(3, Octets{9, 9, 9, 9}, 9)));
    CHECK(d.notes() == "");
    REQUIRE(d.message.extra.size() == 2);
    CHECK(d.message.extra[0].type_id == 0x7ffe);
    CHECK(d.message.extra[1].vendor_id == 9);
    CHECK(d.message.source.address.to_text() == "192.0.2.1");
}

TEST_CASE("the draft's chunks 0x0010 and 0x0011 keep their own meaning under its magic") {
    const Octets id{0, 0, 0, 1};
    const Decoded d(hep3(usual_without({17}) + chunk(16, id) + chunk(17, Octets{0, 5}), "EEP1"));
    CHECK(d.refused == "");
    CHECK(d.message.correlation_id.empty());
    CHECK(d.payload() == options);
    REQUIRE(d.message.extra.size() == 2);
    CHECK(d.message.extra[0].type_id == 16);
    CHECK(d.message.extra[1].type_id == 17);
}

TEST_CASE("the last of repeated chunks wins, with a note") {
    const Decoded scalar(hep3(usual() + chunk(7, Octets{0, 80})));
    CHECK(scalar.notes() == "duplicate-chunk");
    CHECK(scalar.message.source.port == 80);

    const Decoded payload(hep3(usual() + chunk(15, "SIP/2.0 200 OK\r\n\r\n")));
    CHECK(payload.notes() == "duplicate-chunk");
    CHECK(payload.payload() == "SIP/2.0 200 OK\r\n\r\n");
}

TEST_CASE("what is missing is absent, with a note") {
    check({
        {"no family", hep3(usual_without({1})), "", "no-family"},
        {"no IP protocol", hep3(usual_without({2})), "", "no-ip-protocol"},
        {"no addresses", hep3(usual_without({3, 4})), "", "no-addresses"},
        {"one address", hep3(usual_without({4})), "", "no-addresses"},
        {"no ports", hep3(usual_without({7, 8})), "", ""},
        {"no seconds", hep3(usual_without({9})), "", "no-time"},
        {"no microseconds", hep3(usual_without({10})), "", ""},
        {"zero seconds", hep3(usual_without({9}) + chunk(9, Octets(4, 0))), "", "no-time"},
        {"no capture agent ID", hep3(usual_without({12})), "", ""},
        {"no correlation id", hep3(usual_without({17})), "", ""},
        {"an empty correlation id", hep3(usual_without({17}) + chunk(17, "")), "", ""},
        {"no payload", hep3(usual_without({15})), "", "no-payload"},
        {"a payload of no octets", hep3(usual_without({15}) + chunk(15, "")), "", "no-payload"},
    });
    const Decoded no_ports(hep3(usual_without({7, 8})));
    CHECK(no_ports.message.source.port == 0);
    const Decoded no_time(hep3(usual_without({9})));
    CHECK_FALSE(no_time.message.has_time);
    CHECK(no_time.message.time == carrier({}).time);
}

TEST_CASE("without a protocol type the payload decides whether it is SIP") {
    const Decoded sip(hep3(usual_without({11})));
    CHECK(sip.notes() == "no-protocol-type");
    CHECK_FALSE(sip.message.has_protocol_type);
    CHECK(sip.message.protocol_type == ProtocolType::sip);

    const Decoded other(hep3(usual_without({11, 15}) + chunk(15, "{\"a\":1}")));
    CHECK(other.notes() == "no-protocol-type");
    CHECK(other.message.protocol_type == ProtocolType::reserved);
}

TEST_CASE("the address chunks decide about the family, the family chunk where there are both kinds") {
    const Octets v6 = chunk(5, source_v6) + chunk(6, destination_v6);
    struct AddressRow {
        std::string_view name;
        Octets chunks;
        const char* source;
        const char* destination;
        const char* notes;
    };
    const AddressRow rows[] = {
        {"IPv6 of FreeBSD", usual_without({1, 3, 4}) + chunk(1, Octets{28}) + v6, "2001:db8::1",
         "2001:db8::2", ""},
        {"family IPv4, addresses IPv6", usual_without({3, 4}) + v6, "2001:db8::1", "2001:db8::2",
         "family-mismatch"},
        {"family IPv6, addresses IPv4", usual_without({1}) + chunk(1, Octets{10}), "192.0.2.1", "192.0.2.2",
         "family-mismatch"},
        {"an unknown family", usual_without({1}) + chunk(1, Octets{99}), "192.0.2.1", "192.0.2.2",
         "family-mismatch"},
        {"both, family IPv4", usual() + v6, "192.0.2.1", "192.0.2.2", "both-families"},
        {"both, family IPv6", usual_without({1}) + chunk(1, Octets{10}) + v6, "2001:db8::1", "2001:db8::2",
         "both-families"},
        {"both, no family", usual_without({1}) + v6, "192.0.2.1", "192.0.2.2", "no-family both-families"},
        {"source IPv4, destination IPv6", usual_without({4}) + chunk(6, destination_v6), "192.0.2.1",
         "2001:db8::2", "family-mismatch mixed-families"},
    };
    for (const AddressRow& row : rows) {
        CAPTURE(row.name);
        const Decoded d(hep3(row.chunks));
        CHECK(d.refused == "");
        CHECK(d.message.source.address.to_text() == row.source);
        CHECK(d.message.destination.address.to_text() == row.destination);
        CHECK(d.notes() == row.notes);
    }
}

TEST_CASE("odd times are kept as the sender said them") {
    const auto at = [](std::string_view seconds, std::string_view microseconds) {
        return hep3(usual_without({9, 10}) + chunk(9, from_hex(seconds)) + chunk(10, from_hex(microseconds)));
    };
    const Decoded carried(at("684ee180", "00200b20"));
    CHECK(carried.notes() == "microseconds-carried");
    CHECK(carried.message.time.micros() == 1'750'000'002'100'000);

    const Decoded far_past(at("00000e10", "00000000"));
    CHECK(far_past.notes() == "far-time");
    CHECK(far_past.message.time.second() == 3600);

    const Decoded far_future(at("ffffffff", "ffffffff"));
    CHECK(far_future.notes() == "microseconds-carried far-time");
    CHECK(far_future.message.time.second() == 4'294'967'295 + 4294);
}

TEST_CASE("payloads are kept octet for octet, and noted where they are not what they claim") {
    using namespace std::string_view_literals;
    const auto holding = [](std::uint8_t type, std::string_view payload) {
        return hep3(usual_without({11, 15}) + chunk(11, Octets{type}) + chunk(15, payload));
    };
    const std::string nested(as_text(hep3(usual())));
    struct PayloadRow {
        std::string_view name;
        std::uint8_t type;
        std::string_view payload;
        const char* notes;
    };
    const PayloadRow rows[] = {
        {"SIP with a NUL and no UTF-8", 1, "INFO sip:b SIP/2.0\r\n\r\na\0\xff"sv, ""},
        {"empty lines before SIP", 1, "\r\n\r\nINFO sip:b SIP/2.0\r\n\r\n", ""},
        {"a keep-alive", 1, "\r\n\r\n", "not-sip"},
        {"STUN", 1, "\x00\x01\x00\x00\x21\x12\xa4\x42"sv, "not-sip"},
        {"TLS", 1, "\x16\x03\x01\x02\x00"sv, "not-sip"},
        {"HTTP", 1, "GET / HTTP/1.1\r\n\r\n", "not-sip"},
        {"JSON-RPC", 1, "{\"jsonrpc\":\"2.0\"}", "not-sip"},
        {"HEP in HEP", 1, nested, "nested-hep"},
        {"HEP in HEP under another type", 0, nested, "nested-hep"},
        {"JSON that is none", 5, "{\"a\":", ""},
        {"log text", 100, "call started", ""},
    };
    for (const PayloadRow& row : rows) {
        CAPTURE(row.name);
        const Decoded d(holding(row.type, row.payload));
        CHECK(d.refused == "");
        CHECK(d.notes() == row.notes);
        CHECK(d.payload() == row.payload);
    }
}

TEST_CASE("long and strange ids are kept") {
    const std::string id = "a\"b\nc" + std::string(60'000, 'x');
    const Decoded d(hep3(usual_without({17}) + chunk(17, id)));
    CHECK(d.message.correlation_id == id);
}

TEST_CASE("HEP1 and HEP2 headers that are short or strange are refused by cause, or read with a note") {
    const Octets sip = octets(options);
    check({
        {"one octet of HEP1", {1}, "short-fixed-header", ""},
        {"HEP1 cut in its header", from_hex("0110021100070200000002000711"), "short-fixed-header", ""},
        {"HEP1 cut after its header", fixed_header(1), "missing-payload", ""},
        {"HEP2 cut in its time", fixed_header(2) + Octets(9, 0), "short-fixed-header", ""},
        {"HEP2 cut in its padding", fixed_header(2) + Octets(11, 0), "short-fixed-header", ""},
        {"a HEP2 header without payload", fixed_header(2) + time_block(), "missing-payload", ""},
        {"HEP2 whose header length counts the time", fixed_header(2, 28) + time_block() + sip, "", ""},
        {"HEP2 with garbage for a header length", fixed_header(2, 2) + time_block() + sip, "",
         "odd-header-length"},
        {"an unknown family", fixed_header(1, 16, 7) + sip, "unsupported-family", ""},
        {"the family of FreeBSD, cut", fixed_header(1, 40, 28), "short-fixed-header", ""},
        {"an unknown IP protocol", fixed_header(1, 16, 2, 50) + sip, "", "unknown-ip-protocol"},
        {"no time", fixed_header(2) + Octets(12, 0) + sip, "", "no-time"},
        {"a payload that is no SIP", fixed_header(1) + octets("\r\n\r\n"), "", "not-sip"},
    });
}

TEST_SUITE_END();

}  // namespace hepcap::hep::test
