#include "hep/deflater.hpp"

#include <doctest/doctest.h>

#include "hep/encode.hpp"
#include "hep/frames.hpp"
#include "hep/inflate.hpp"

namespace hepcap::hep::test {

TEST_SUITE_BEGIN("hep");

TEST_CASE("what was compressed comes out again, call after call") {
    Deflater deflater;
    Inflater inflater;
    for (const std::size_t size : {100U, 65'000U, 400U}) {
        CAPTURE(size);
        Octets plain;
        while (plain.size() < size) plain = plain + octets("Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\r\n");
        const Bytes compressed = deflater.deflate(plain);
        REQUIRE_FALSE(compressed.empty());
        CHECK(compressed.size() < plain.size());
        const auto again = inflater.inflate(compressed, Compression::zlib);
        REQUIRE(again);
        CHECK(as_text(*again) == as_text(plain));
    }
}

TEST_CASE("what would grow is left as it is") {
    Deflater deflater;
    CHECK(deflater.deflate({}).empty());
    CHECK(deflater.deflate(octets("x")).empty());
    CHECK(deflater.deflate(octets("OPTIONS")).empty());
    CHECK(deflater.deflate(octets("\x01\x92\xf3\x14\xa5\x76\x37\xd8")).empty());
}

TEST_CASE("a message with a compressed payload decodes to the message") {
    Decoded plain(hex_file("hep3-options"));
    Octets body;
    while (body.size() < 2'000) body = body + octets(options);
    plain.message.payload = body;
    Deflater deflater;
    Octets frame;
    REQUIRE(encode_v3_compressed(plain.message, deflater.deflate(body), frame));
    CHECK(frame.size() < body.size());
    const Decoded again(frame);
    CHECK(again.refused == "");
    CHECK(again.notes() == "compressed");
    CHECK(again.payload() == as_text(body));
    CHECK(again.message.source == plain.message.source);
}

TEST_CASE("a draft's message keeps its payload plain, since its chunk 16 is another one") {
    const Decoded draft(hep3(usual_without({17}) + chunk(16, Octets{0, 0, 0, 1}), "EEP1"));
    Octets frame;
    REQUIRE(encode_v3_compressed(draft.message, as_bytes("xx"), frame));
    CHECK(Decoded(frame).payload() == options);
}

TEST_SUITE_END();

}  // namespace hepcap::hep::test
