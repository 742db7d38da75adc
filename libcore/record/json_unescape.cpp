#include "record/json_unescape.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/wide_load.hpp"
#include "record/json_marks.hpp"

namespace hepcap::record {
namespace {

// What stands for the letter behind a backslash; 0 where that is no letter of a short escape.
constexpr std::array<char, 256> short_escapes = [] {
    std::array<char, 256> table{};
    constexpr std::string_view letters = "\"\"\\\\//b\bf\fn\nr\rt\t";  // letter, what it stands for
    for (std::size_t i = 0; i < letters.size(); i += 2) {
        table[static_cast<unsigned char>(letters[i])] = letters[i + 1];
    }
    return table;
}();

// The escapes at `p`, as many as follow each other; false where one is left for others.
inline bool take_escapes(const char*& p, char*& out) {
    constexpr std::string_view line_end = "\\r\\n";
    while (*p == '\\') {
        if (std::memcmp(p, line_end.data(), line_end.size()) == 0) {
            std::memcpy(out, "\r\n", 2);
            p += 4;
            out += 2;
            continue;
        }
        const char octet = short_escapes[static_cast<unsigned char>(p[1])];
        if (octet == '\0') return false;
        *out++ = octet;
        p += 2;
    }
    return true;
}

bool is_stop(char c) { return c == '"' || static_cast<unsigned char>(c) < 0x20; }

#if defined(__x86_64__)

// SSE2 is part of every x86-64: this is the baseline.
Unescaped unescape_sse2(const char* p, char* out) {
    unsigned high = 0;
    while (true) {
        const __m128i v = load_16(p);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), v);
        const unsigned marks = special_octets(v);
        const auto signs = static_cast<unsigned>(_mm_movemask_epi8(v));
        // Octets behind the first mark are seen again, or belong to another string.
        high |= marks == 0 ? signs : signs & ((marks & (0 - marks)) - 1);
        const int plain = marks == 0 ? 16 : std::countr_zero(marks);
        p += plain;
        out += plain;
        if (marks != 0 && (is_stop(*p) || !take_escapes(p, out))) return {p, out, high != 0};
    }
}

__attribute__((target("avx2"))) Unescaped unescape_avx2(const char* p, char* out) {
    unsigned high = 0;
    while (true) {
        const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), v);
        const unsigned marks = special_octets(v);
        const auto signs = static_cast<unsigned>(_mm256_movemask_epi8(v));
        if (marks == 0) {
            high |= signs;
            p += 32;
            out += 32;
            continue;
        }
        high |= signs & ((marks & (0 - marks)) - 1);
        const int plain = std::countr_zero(marks);
        p += plain;
        out += plain;
        if (is_stop(*p) || !take_escapes(p, out)) return {p, out, high != 0};
    }
}

using UnescapeKernel = Unescaped (*)(const char*, char*);

const UnescapeKernel unescape = __builtin_cpu_supports("avx2") ? unescape_avx2 : unescape_sse2;

#else

Unescaped unescape(const char* p, char* out) {
    unsigned high = 0;
    while (!is_stop(*p) && take_escapes(p, out) && !is_stop(*p)) {
        high |= static_cast<unsigned char>(*p);
        *out++ = *p++;
    }
    return {p, out, high >= 0x80};
}

#endif

}  // namespace

Unescaped unescape_json(const char* from, char* to) { return unescape(from, to); }

}  // namespace hepcap::record
