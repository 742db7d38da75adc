#include <doctest/doctest.h>

#include "hep/frames.hpp"

namespace hepcap::hep::test {

using namespace std::string_view_literals;

TEST_SUITE_BEGIN("hep");

TEST_CASE("HEP1 gives endpoints and payload, and the time of its packet") {
    const Decoded d(hex_file("hep1-options"));
    CHECK(d.refused == "");
    CHECK(d.used == 41);
    CHECK(d.notes() == "");
    CHECK(d.message.version == 1);
    CHECK(d.message.transport == Transport::udp);
    CHECK(d.message.source.address.to_text() == "192.0.2.1");
    CHECK(d.message.source.port == 5060);
    CHECK(d.message.destination.address.to_text() == "192.0.2.2");
    CHECK(d.message.destination.port == 5070);
    CHECK_FALSE(d.message.has_time);
    CHECK(d.message.time.micros() == 1'750'000'001'000'005);
    CHECK_FALSE(d.message.has_protocol_type);
    CHECK(d.message.protocol_type == ProtocolType::sip);
    CHECK_FALSE(d.message.has_capture_agent_id);
    CHECK(d.payload() == options);
}

TEST_CASE("HEP2 adds a little-endian time and capture agent ID") {
    const Decoded d(hex_file("hep2-options"));
    CHECK(d.refused == "");
    CHECK(d.notes() == "");
    CHECK(d.message.version == 2);
    CHECK(d.message.has_time);
    CHECK(d.message.time.micros() == 1'750'000'000'123'456);
    CHECK(d.message.capture_agent_id == 2001);
    CHECK(d.payload() == options);
}

TEST_CASE("HEP2 over IPv6 is read by its family, whatever the header length says") {
    for (const std::uint8_t header_length : {std::uint8_t{40}, std::uint8_t{52}, std::uint8_t{3}}) {
        CAPTURE(int{header_length});
        Octets frame = hex_file("hep2-ipv6");
        frame[1] = header_length;
        const Decoded d(frame);
        CHECK(d.refused == "");
        CHECK(d.notes() == (header_length == 3 ? "odd-header-length" : ""));
        CHECK(d.message.source.address.to_text() == "2001:db8::1");
        CHECK(d.message.destination.address.to_text() == "2001:db8::2");
        CHECK(d.message.transport == Transport::tcp);
        CHECK(d.message.time.micros() == 1'750'000'000'123'456);
        CHECK(d.payload() == "SIP/2.0 200 OK\r\n\r\n");
    }
}

TEST_CASE("a HEP2 time in network order is recognised, because the other reading is no possible time") {
    const Decoded d(fixed_header(2) + from_hex("684ee180 0001e240 07d1 0000") + octets(options));
    CHECK(d.notes() == "big-endian-time");
    CHECK(d.message.time.micros() == 1'750'000'000'123'456);
    CHECK(d.message.capture_agent_id == 2001);
}

TEST_CASE("a HEP2 time that is possible in neither order is read as little-endian") {
    const Decoded d(fixed_header(2) + from_hex("01000000 00000000 0100 0000") + octets(options));
    CHECK(d.notes() == "far-time");
    CHECK(d.message.time.micros() == 1'000'000);
}

TEST_CASE("a HEP2 time block without padding is accepted when SIP stands right behind it") {
    const Octets time = from_hex("80e14e68 40e20100 d107");
    for (const std::string_view payload :
         {options, "SIP/2.0 200 OK\r\n\r\n"sv, "ODDLY sip:b SIP/2.0\r\n\r\n"sv}) {
        CAPTURE(payload);
        const Decoded unpadded(fixed_header(2) + time + octets(payload));
        // An unknown method less its first two letters is an unknown method.
        const bool is_known = payload[1] != 'D';
        CHECK(unpadded.notes() == (is_known ? "no-padding" : ""));
        CHECK(unpadded.payload() == payload.substr(is_known ? 0 : 2));
        CHECK(unpadded.message.capture_agent_id == 2001);

        const Decoded padded(fixed_header(2) + time + octets("AB") + octets(payload));
        CHECK(padded.notes() == "");
        CHECK(padded.payload() == payload);
    }
}

TEST_CASE("zeros after the end of SIP are dropped, those of the body are not") {
    const Decoded with_length(hex_file("hep1-trailing-zeros"));
    CHECK(with_length.notes() == "trailing-bytes");
    CHECK(with_length.payload() == std::string_view("INFO sip:b SIP/2.0\r\nl : 4\r\n\r\nab\0\0", 33));

    struct Row {
        std::string_view name;
        std::string_view payload;
        std::size_t kept;
    };
    const Row rows[] = {
        {"no body, no Content-Length", "OPTIONS sip:b SIP/2.0\r\n\r\n\0\0\0\0\0\0\0\0"sv, 25},
        {"Content-Length 0", "OPTIONS sip:b SIP/2.0\r\nContent-Length: 0\r\n\r\n\0\0"sv, 44},
        {"a body without Content-Length", "INFO sip:b SIP/2.0\r\n\r\nab\0\0"sv, 26},
        {"a Content-Length beyond the end", "INFO sip:b SIP/2.0\r\nl:9\r\n\r\nab\0\0"sv, 31},
        {"a Content-Length beyond all numbers", "INFO sip:b SIP/2.0\r\nl:99999999999999999999\r\n\r\n\0"sv,
         46},
        {"something else than zeros", "INFO sip:b SIP/2.0\r\nl:1\r\n\r\na\0b\0"sv, 31},
        {"headers without an end", "INFO sip:b SIP/2.0\r\n\0\0"sv, 22},
        {"no SIP", "\r\n\r\n\0\0"sv, 6},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const Decoded d(fixed_header(1) + octets(row.payload));
        CHECK(d.payload().size() == row.kept);
    }
}

TEST_CASE("every proper prefix of HEP1 and HEP2 is refused or a message with less payload") {
    for (const std::string_view name : {"hep1-options", "hep2-options", "hep2-ipv6", "hep1-trailing-zeros"}) {
        CAPTURE(name);
        const Octets whole = hex_file(std::string(name));
        const std::size_t addresses_end = whole[2] == 2 ? 16 : 40;
        const std::size_t header_end = addresses_end + (whole[0] == 2 ? 12 : 0);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            CAPTURE(size);
            const Octets prefix = first(whole, size);
            const Decoded d(prefix);
            if (size <= header_end) {
                CHECK(d.refused != "");
            } else {
                CHECK(d.refused == "");
                CHECK(d.used == size);
                CHECK(d.payload().size() <= size - header_end);
            }
            const Decoded cut(prefix, true);
            CHECK((cut.refused == "truncated" || (cut.refused == "" && cut.message.is_cut)));
        }
    }
}

TEST_SUITE_END();

}  // namespace hepcap::hep::test
