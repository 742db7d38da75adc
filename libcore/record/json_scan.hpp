// The two smallest questions of reading JSON, asked of every value of every record: where a string
// stops being plain, and what number stands here.
//
// Both read on beyond the end of what they look for, up to 32 octets, and neither knows where the line
// ends: the caller sees to it that behind the line there is an octet that stops them (any control
// character does) and JsonTokens::slack of memory.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/wide_load.hpp"
#include "record/json_marks.hpp"

namespace hepcap::record {

// What a string cannot hold as it stands, and what may be no UTF-8.
inline bool is_special(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet >= 0x80 || c == '"' || c == '\\';
}

inline std::uint64_t load_word(const char* p) {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    return word;
}

// The first octet from `p` on that is a quote, a backslash, a control character or above 127.
inline const char* find_special(const char* p) {
#if defined(__x86_64__)
    while (true) {
        const unsigned marks = uneven_octets(load_16(p));
        if (marks != 0) return p + std::countr_zero(marks);
        p += 16;
    }
#else
    while (!is_special(*p)) ++p;
    return p;
#endif
}

// How many of the eight octets that `word` was loaded from are digits before the first that is none;
// the octets come as XORed with '0'.
inline unsigned count_digits(std::uint64_t word) {
    constexpr std::uint64_t high = 0x8080808080808080;
    // The sum is above 127 where an octet is more than 9.  A carry out of an octet spoils only those behind.
    const std::uint64_t marks = ((word + 0x7676767676767676) | word) & high;
    return marks == 0 ? 8 : static_cast<unsigned>(std::countr_zero(marks)) / 8;
}

// The number that eight digits make, the first in the lowest octet, each as its value: three
// multiplications that add neighbours, then pairs, then fours.
inline std::uint64_t join_digits(std::uint64_t digits) {
    digits = (digits * 10 + (digits >> 8)) & 0x00FF00FF00FF00FF;
    digits = (digits * 100 + (digits >> 16)) & 0x0000FFFF0000FFFF;
    return (digits * 10'000 + (digits >> 32)) & 0xFFFFFFFF;
}

// A number of one to sixteen digits and nothing else, as JSON has it: the octet behind it, or nullptr
// where there is none or a longer one.
inline const char* scan_number(const char* p, std::int64_t& number) {
    if constexpr (std::endian::native != std::endian::little) {
        const char* const from = p;
        std::int64_t sum = 0;
        for (; *p >= '0' && *p <= '9' && p - from <= 16; ++p) sum = sum * 10 + (*p - '0');
        number = sum;
        return p == from || p - from > 16 || (*from == '0' && p - from > 1) ? nullptr : p;
    } else {
        constexpr std::uint64_t zeros = 0x3030303030303030;
        constexpr std::uint64_t powers[] = {1,       10,        100,        1'000,      10'000,
                                            100'000, 1'000'000, 10'000'000, 100'000'000};
        const std::uint64_t first = load_word(p) ^ zeros;
        unsigned count = count_digits(first);
        // Zeros come in before the digits, which leaves the number what it is.
        if (count < 8) {
            if (count == 0 || (*p == '0' && count > 1)) return nullptr;
            number = static_cast<std::int64_t>(join_digits(first << (8 - count) * 8));
            return p + count;
        }
        if (*p == '0') return nullptr;
        std::uint64_t sum = join_digits(first);
        const std::uint64_t second = load_word(p + 8) ^ zeros;
        count = count_digits(second);
        if (count > 0) sum = sum * powers[count] + join_digits(second << (8 - count) * 8);
        if (p[8 + count] >= '0' && p[8 + count] <= '9') return nullptr;
        number = static_cast<std::int64_t>(sum);
        return p + 8 + count;
    }
}

}  // namespace hepcap::record
