// Integers as decimal digits, for the places where thousands of lines a millisecond are written.
// std::to_chars is general in base and width; this knows both.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace hepcap {

// Room that append_decimal may use: 20 digits (or 19 and a sign).
inline constexpr std::size_t max_decimal = 20;

namespace detail {

inline constexpr std::array<char, 200> digit_pairs = [] {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}();

inline constexpr std::array<std::uint64_t, 20> powers_of_ten = [] {
    std::array<std::uint64_t, 20> powers{};
    std::uint64_t power = 1;
    for (std::uint64_t& p : powers) {
        p = power;
        power *= 10;
    }
    return powers;
}();

}  // namespace detail

// How many digits `value` has; 1 for zero.
inline std::size_t decimal_digits(std::uint64_t value) {
    // 1233 / 4096 is log10(2) closely enough for 64 bits; the table corrects the estimate.
    const std::size_t estimate = static_cast<std::size_t>(std::bit_width(value | 1)) * 1233 >> 12;
    return estimate + (value >= detail::powers_of_ten[estimate] ? 1 : 0) + (value == 0 ? 1 : 0);
}

// Writes the digits of `value` to `out` and returns their end.
inline char* append_decimal(char* out, std::uint64_t value) {
    char* const end = out + decimal_digits(value);
    char* p = end;
    // Times and offsets are long; eight digits at once need no division that waits for the one before.
    while (value >= 100'000'000) {
        const auto low = static_cast<std::uint32_t>(value % 100'000'000);
        value /= 100'000'000;
        const std::uint32_t high_half = low / 10'000;
        const std::uint32_t low_half = low % 10'000;
        p -= 8;
        std::memcpy(p, &detail::digit_pairs[2 * (high_half / 100)], 2);
        std::memcpy(p + 2, &detail::digit_pairs[2 * (high_half % 100)], 2);
        std::memcpy(p + 4, &detail::digit_pairs[2 * (low_half / 100)], 2);
        std::memcpy(p + 6, &detail::digit_pairs[2 * (low_half % 100)], 2);
    }
    while (value >= 100) {
        p -= 2;
        std::memcpy(p, &detail::digit_pairs[2 * (value % 100)], 2);
        value /= 100;
    }
    if (value >= 10) {
        std::memcpy(p - 2, &detail::digit_pairs[2 * value], 2);
    } else {
        p[-1] = static_cast<char>('0' + value);
    }
    return end;
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
