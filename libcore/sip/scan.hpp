// Looking through short texts.  Header values are a few dozen characters long: a search that the
// compiler sees into is faster there than string_view's searches for one of several characters, which
// call memchr for each.
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace hepcap::sip {

// Blanks as SIP has them: space, tab, CR, LF (folds included).
inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// Position of the first of `Stops` from `start` on, or text.size().  Sixteen characters at a time where
// the processor can, the last sixteen overlapping those before; never one outside of `text` is read.
template <char... Stops>
std::size_t find_any(std::string_view text, std::size_t start = 0) {
    const char* const p = text.data();
    const std::size_t n = text.size();
    std::size_t i = start;
#if defined(__SSE2__)
    if (n >= 16) {
        const auto stops_at = [p](std::size_t at) {
            const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + at));
            __m128i hits = _mm_setzero_si128();
            ((hits = _mm_or_si128(hits, _mm_cmpeq_epi8(v, _mm_set1_epi8(Stops)))), ...);
            return static_cast<unsigned>(_mm_movemask_epi8(hits));
        };
        for (; i + 16 <= n; i += 16) {
            if (const unsigned hits = stops_at(i)) return i + static_cast<std::size_t>(std::countr_zero(hits));
        }
        if (i >= n) return n;
        // Of the last block only what lies behind `i` is new.
        const unsigned hits = stops_at(n - 16) >> (i + 16 - n);
        return hits != 0 ? i + static_cast<std::size_t>(std::countr_zero(hits)) : n;
    }
#endif
    while (i < n && ((p[i] != Stops) && ...)) ++i;
    return i;
}

inline std::string_view trim_left(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size() && is_blank(text[i])) ++i;
    text.remove_prefix(i);
    return text;
}

inline std::string_view trim_right(std::string_view text) {
    std::size_t n = text.size();
    while (n > 0 && is_blank(text[n - 1])) --n;
    return text.substr(0, n);
}

inline std::string_view trim(std::string_view text) { return trim_right(trim_left(text)); }

// ASCII case only.  Most senders spell as the RFC does, so the octets are compared first.
inline bool equal_ignore_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    if (std::memcmp(a.data(), b.data(), a.size()) == 0) return true;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    }
    return true;
}

}  // namespace hepcap::sip
