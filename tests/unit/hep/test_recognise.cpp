#include <doctest/doctest.h>

#include "hep/deflate.hpp"

namespace hepcap::hep::test {

TEST_SUITE_BEGIN("hep");

TEST_CASE("HEP is recognised by content, and other traffic is not taken for it") {
    using namespace std::string_view_literals;
    const Octets sip = octets(options);
    struct Row {
        std::string_view name;
        Octets octets;
        bool is_hep;
    };
    const Row rows[] = {
        {"HEP3", hex_file("hep3-options"), true},
        {"EEP3", hep3({}, "EEP3"), true},
        {"EEP1", hep3({}, "EEP1"), true},
        {"a HEP3 magic alone", octets("HEP3"), true},
        {"HEP1", hex_file("hep1-options"), true},
        {"HEP2", hex_file("hep2-options"), true},
        {"HEP2 over IPv6, header length 52", hex_file("hep2-ipv6"), true},
        {"HEP2 without padding", fixed_header(2) + from_hex("80e14e68 40e20100 d107") + sip, true},
        {"HEP2 with garbage for a header length", fixed_header(2, 1) + time_block() + sip, true},
        {"HEP1 cut in its header", from_hex("0110021100070200000002000711"), true},
        {"a HEP2 header alone", fixed_header(2, 28) + time_block(), true},
        {"HEP3 in gzip", deflate(hex_file("hep3-options"), Compression::gzip), true},
        {"heplify's protobuf form", hex_file("heplify-protobuf"), true},

        {"nothing", {}, false},
        {"SIP", sip, false},
        {"a cut magic", octets("HEP"), false},
        {"HEP2 by its letters", hep3({}, "HEP2"), false},
        {"HEP1 with an unknown IP protocol", fixed_header(1, 16, 2, 50) + sip, false},
        {"HEP1 with an unknown family", fixed_header(1, 16, 7) + sip, false},
        {"a cut HEP1 header with a wrong length", fixed_header(1, 17), false},
        {"RADIUS that begins as HEP1 does", from_hex("01100211") + Octets(525, 0x55), false},
        {"other gzip", deflate(octets("{\"log\":1}"), Compression::gzip), false},
        {"cut gzip", from_hex("1f8b08"), false},
        {"other protobuf", from_hex("08021011 1a03616263 2203616263"), false},
        {"protobuf with a cut address", first(hex_file("heplify-protobuf"), 12), false},
        {"STUN", octets("\x00\x01\x00\x00\x21\x12\xa4\x42"sv), false},
        {"RTP", octets("\x80\x00\x00\x01"sv), false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(looks_like_hep(row.octets) == row.is_hep);
    }
}

TEST_CASE("recognising reads nothing beyond the end") {
    for (const std::string_view name :
         {"hep3-options", "hep2-options", "hep2-ipv6", "hep1-options", "heplify-protobuf"}) {
        CAPTURE(name);
        const Octets whole = hex_file(std::string(name));
        for (std::size_t size = 0; size < whole.size(); ++size) looks_like_hep(first(whole, size));
    }
}

TEST_CASE("a start line is told from other text") {
    struct Row {
        std::string_view text;
        bool is_sip;
    };
    const Row rows[] = {
        {"INVITE sip:a@b SIP/2.0\r\n", true},
        {"INVITE sip:bob", true},
        {"INVITE SIPS:bob", true},
        {"INVITE tel:+1", true},
        {"SIP/2.0", true},
        {"SIP/2.0 200 OK\r\n", true},
        {"\r\n\r\nSIP/2.0 200 OK\r\n", true},
        {"X-1.y!% urn:service:sos SIP/2.0\r\n", true},

        {"", false},
        {"\r\n\r\n", false},
        {"INVITE", false},
        {"INVITE ", false},
        {" INVITE sip:a", false},
        {"IN(VITE sip:a", false},
        {"GET / HTTP/1.1\r\nSIP/2.0\r\n", false},
        {"OPTIONS rtsp://a RTSP/1.0\r\n", false},
        {"AVERYLONGWORDTHATNOBODYWOULDCALLAMETHOD sip:a SIP/2.0\r\n", false},
        {"INVITE sip", false},
        {"INVITE si\x1a:", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(starts_like_sip(as_bytes(row.text)) == row.is_sip);
    }
}

TEST_SUITE_END();

}  // namespace hepcap::hep::test
