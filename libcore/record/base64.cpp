#include "record/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace hepcap::record {
namespace {

constexpr std::uint8_t no_digit = 0x80;

constexpr std::array<std::uint8_t, 256> make_values() {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr std::array<std::uint8_t, 256> values = make_values();

}  // namespace

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
