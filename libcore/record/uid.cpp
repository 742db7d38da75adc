#include "record/uid.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <bit>
#include <cstring>

namespace hepcap::record {

namespace {

template <class Number>
void store_le(std::uint8_t* out, Number value) {
    for (std::size_t i = 0; i < sizeof value; ++i) out[i] = static_cast<std::uint8_t>(value >> 8 * i);
}

constexpr std::array<char, 512> hex_pairs = [] {
    std::array<char, 512> pairs{};
    for (std::size_t i = 0; i < 256; ++i) {
        pairs[2 * i] = hex_digits[i >> 4];
        pairs[2 * i + 1] = hex_digits[i & 15];
    }
    return pairs;
}();

}  // namespace

std::uint64_t make_uid(Timestamp time, const Endpoint& source, const Endpoint& destination, Bytes payload) {
    std::array<std::uint8_t, 48> head{};
    store_le(&head[0], static_cast<std::uint64_t>(time.micros()));
    std::memcpy(&head[8], source.address.data(), source.address.size());
    std::memcpy(&head[24], destination.address.data(), destination.address.size());
    store_le(&head[40], source.port);
    store_le(&head[42], destination.port);
    return XXH3_64bits_withSeed(payload.data(), payload.size(), XXH3_64bits(head.data(), head.size()));
}

UidText uid_text(std::uint64_t uid) {
    UidText text{};
    for (std::size_t i = text.size(); i > 0; uid >>= 8) {
        i -= 2;
        std::memcpy(&text[i], &hex_pairs[2 * (uid & 255)], 2);
    }
    return text;
}

}  // namespace hepcap::record
