#include "record/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace hepcap::record {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0x80;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr std::array<std::uint8_t, 256> values = make_values();

}  // namespace

char* encode_base64(char* out, std::string_view octets) {
    const auto octet = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(octets[i]));
    };
    std::size_t i = 0;
    for (; i + 3 <= octets.size(); i += 3) {
        const std::uint32_t group = octet(i) << 16 | octet(i + 1) << 8 | octet(i + 2);
        for (int shift = 18; shift >= 0; shift -= 6) *out++ = alphabet[group >> shift & 63];
    }
    const std::size_t left = octets.size() - i;
    if (left == 0) return out;
    const std::uint32_t group = octet(i) << 16 | (left == 2 ? octet(i + 1) << 8 : 0);
    *out++ = alphabet[group >> 18 & 63];
    *out++ = alphabet[group >> 12 & 63];
    *out++ = left == 2 ? alphabet[group >> 6 & 63] : '=';
    *out++ = '=';
    return out;
}

char* decode_base64(char* out, std::string_view encoded) {
    if (encoded.size() % 4 == 0) {
        if (encoded.ends_with("==")) {
            encoded.remove_suffix(2);
        } else if (encoded.ends_with('=')) {
            encoded.remove_suffix(1);
        }
    }
    if (encoded.size() % 4 == 1) return nullptr;
    std::uint32_t bits = 0;
    unsigned bit_count = 0;
    std::uint8_t seen = 0;
    for (const char c : encoded) {
        const std::uint8_t value = values[static_cast<unsigned char>(c)];
        seen |= value;
        bits = bits << 6 | (value & 0x3Fu);
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            *out++ = static_cast<char>(bits >> bit_count & 0xFFu);
        }
    }
    return (seen & no_digit) != 0 ? nullptr : out;
}

}  // namespace hepcap::record
