#include <doctest/doctest.h>

#include "hep/deflate.hpp"

namespace hepcap::hep::test {

namespace {

Octets compressed_only(const Octets& value) { return hep3(usual_without({15}) + chunk(16, value)); }

struct Container {
    std::string_view name;
    Compression compression;
};
constexpr Container containers[] = {
    {"gzip", Compression::gzip}, {"zlib", Compression::zlib}, {"raw deflate", Compression::raw_deflate}};

}  // namespace

TEST_SUITE_BEGIN("hep");

TEST_CASE("a compressed payload is inflated, whatever container the sender chose") {
    for (const Container& container : containers) {
        CAPTURE(container.name);
        const Decoded d(compressed_only(deflate(octets(options), container.compression)));
        CHECK(d.refused == "");
        CHECK(d.notes() == "compressed");
        CHECK(d.payload() == options);
    }
}

TEST_CASE("a payload left as it was in the chunk for compressed ones is taken as it is") {
    const Decoded d(compressed_only(octets(options)));
    CHECK(d.notes() == "compressed");
    CHECK(d.payload() == options);
}

TEST_CASE("a plain payload is preferred to a compressed one, which is not even opened") {
    const Decoded d(hep3(usual() + chunk(16, from_hex("1f8b08ffffff"))));
    CHECK(d.refused == "");
    CHECK(d.notes() == "compressed-ignored");
    CHECK(d.payload() == options);
}

TEST_CASE("a stream that is damaged, cut or followed by garbage refuses the message") {
    for (const Container& container : containers) {
        CAPTURE(container.name);
        const Octets whole = deflate(octets(options), container.compression);
        CHECK(Decoded(compressed_only(first(whole, whole.size() - 1))).refused == "corrupt-compressed");
        CHECK(Decoded(compressed_only(whole + Octets{0})).refused == "corrupt-compressed");
    }
    Octets damaged = deflate(octets(options), Compression::gzip);
    damaged[damaged.size() - 5] ^= 1;  // the checksum
    CHECK(Decoded(compressed_only(damaged)).refused == "corrupt-compressed");
    CHECK(Decoded(compressed_only(from_hex("ff00ff00ff"))).refused == "corrupt-compressed");
}

TEST_CASE("a decompression bomb is refused before it grows") {
    const Octets bomb = deflate(Octets(std::size_t{16} << 20, 'a'), Compression::zlib);
    REQUIRE(bomb.size() < 65'000);
    CHECK(Decoded(compressed_only(bomb)).refused == "compressed-too-large");

    // 300 KiB would do, were they not made of 330 octets.
    const Octets small_bomb = deflate(Octets(std::size_t{300} << 10, 'a'), Compression::gzip);
    CHECK(Decoded(compressed_only(small_bomb)).refused == "compressed-too-large");
}

TEST_CASE("a payload of any size up to the cap comes out whole") {
    Octets plain(Inflater::max_output);
    std::uint32_t state = 1;
    for (std::uint8_t& octet : plain) {
        state = state * 1'664'525 + 1'013'904'223;
        octet = static_cast<std::uint8_t>(state >> 31);  // two values: compresses to an eighth or so
    }
    Inflater inflater;
    for (const std::size_t size :
         {std::size_t{1}, Inflater::free_output, Inflater::free_output + 1, Inflater::max_output}) {
        CAPTURE(size);
        const Octets expected = first(plain, size);
        const Octets stream = deflate(expected, Compression::gzip);
        const auto result = inflater.inflate(stream, Compression::gzip);
        REQUIRE(result);
        CHECK((Octets(result->begin(), result->end()) == expected));
    }
}

TEST_CASE("a message that was gzip-compressed as a whole is decoded") {
    const Decoded d(deflate(hex_file("hep3-options"), Compression::gzip));
    CHECK(d.refused == "");
    CHECK(d.used == d.frame.size());
    CHECK(d.notes() == "compressed-frame");
    CHECK(d.payload() == options);

    const Octets inner = compressed_only(deflate(octets(options), Compression::zlib));
    const Decoded twice(deflate(inner, Compression::gzip));
    CHECK(twice.refused == "");
    CHECK(twice.payload() == options);
    CHECK(twice.message.correlation_id == "cid-x");
}

TEST_CASE("gzip that is damaged, cut or holds no HEP3 is refused by cause") {
    const Octets whole = deflate(hex_file("hep3-options"), Compression::gzip);
    CHECK(Decoded(first(whole, whole.size() - 4)).refused == "corrupt-compressed");
    CHECK(Decoded(first(whole, whole.size() - 4), true).refused == "truncated");
    CHECK(Decoded(deflate(octets("some log line"), Compression::gzip)).refused == "unknown-magic");
    CHECK(Decoded(deflate(whole, Compression::gzip)).refused == "unknown-magic");
}

TEST_SUITE_END();

}  // namespace hepcap::hep::test
