// Integers as decimal digits, for the places where thousands of lines a millisecond are written.
// std::to_chars is general in base and width; this knows both.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace hepcap {

// Room that append_decimal may use: 20 digits (or 19 and a sign), and three octets that it may spoil.
inline constexpr std::size_t max_decimal = 23;

namespace detail {

inline constexpr std::array<char, 200> digit_pairs = [] {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}();

inline char* append_2_digits(char* out, std::uint32_t value) {
    std::memcpy(out, &digit_pairs[2 * value], 2);
    return out + 2;
}

inline char* append_4_digits(char* out, std::uint32_t value) {
    return append_2_digits(append_2_digits(out, value / 100), value % 100);
}

// Below 10,000, without leading zeros: four digits, moved to the left over the zeros.
inline char* append_short(char* out, std::uint32_t value) {
    const std::uint32_t zeros = (value < 1000 ? 1u : 0u) + (value < 100 ? 1u : 0u) + (value < 10 ? 1u : 0u);
    char digits[4];
    append_4_digits(digits, value);
    if constexpr (std::endian::native == std::endian::little) {
        std::uint32_t word = 0;
        std::memcpy(&word, digits, sizeof word);
        word >>= 8 * zeros;
        std::memcpy(out, &word, sizeof word);
    } else {
        std::memcpy(out, digits + zeros, 4 - zeros);
    }
    return out + 4 - zeros;
}

}  // namespace detail

// Writes `value`, which has no more than `width` digits, with zeros before it; returns the end.
inline char* append_padded(char* out, std::uint32_t value, int width) {
    int i = width;
    for (; i >= 2; value /= 100) {
        i -= 2;
        detail::append_2_digits(out + i, value % 100);
    }
    if (i == 1) out[0] = static_cast<char>('0' + value % 10);
    return out + width;
}

// Writes the digits of `value` to `out` and returns their end.
inline char* append_decimal(char* out, std::uint64_t value) {
    constexpr std::uint64_t four = 10'000;
    constexpr std::uint64_t eight = four * four;
    if (value < four) return detail::append_short(out, static_cast<std::uint32_t>(value));
    if (value >= eight) {
        const auto low = static_cast<std::uint32_t>(value % eight);
        out = append_decimal(out, value / eight);
        return detail::append_4_digits(detail::append_4_digits(out, low / four), low % four);
    }
    const auto whole = static_cast<std::uint32_t>(value);
    return detail::append_4_digits(detail::append_short(out, whole / four), whole % four);
}

inline char* append_decimal(char* out, std::int64_t value) {
    std::uint64_t magnitude = static_cast<std::uint64_t>(value);
    if (value < 0) {
        *out++ = '-';
        magnitude = 0 - magnitude;
    }
    return append_decimal(out, magnitude);
}

}  // namespace hepcap
