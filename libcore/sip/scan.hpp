// Looking through short texts.  Header values are a few dozen characters long: a search that the
// compiler sees into is faster there than string_view's searches for one of several characters, which
// call memchr for each.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/ascii.hpp"
#include "base/wide_load.hpp"

namespace hepcap::sip {

// token = 1*(alphanum / - . ! % * _ + ` ' ~) (RFC 3261 25.1).
inline constexpr std::array<bool, 256> token_chars = [] {
    std::array<bool, 256> is_token{};
    for (int c = 'a'; c <= 'z'; ++c)
        is_token[static_cast<std::size_t>(c)] = is_token[static_cast<std::size_t>(c ^ 0x20)] = true;
    for (int c = '0'; c <= '9'; ++c) is_token[static_cast<std::size_t>(c)] = true;
    for (const char c : std::string_view("-.!%*_+`'~")) is_token[static_cast<unsigned char>(c)] = true;
    return is_token;
}();

inline bool is_token_char(char c) { return token_chars[static_cast<unsigned char>(c)]; }

#if defined(__SSE2__)

// A bit for each of sixteen octets that is one of `Stops`.
template <char... Stops>
unsigned stop_bits(__m128i octets) {
    __m128i hits = _mm_setzero_si128();
    ((hits = _mm_or_si128(hits, _mm_cmpeq_epi8(octets, _mm_set1_epi8(Stops)))), ...);
    return static_cast<unsigned>(_mm_movemask_epi8(hits));
}

// Position of the first of `Stops`, or text.size().
template <char... Stops>
std::size_t find_any(std::string_view text) {
    const std::size_t n = text.size();
    for (std::size_t i = 0; i < n; i += 16) {
        if (const unsigned hits = stop_bits<Stops...>(load_up_to_16(text.data() + i, n - i))) {
            return std::min(i + static_cast<std::size_t>(std::countr_zero(hits)), n);
        }
    }
    return n;
}

#else

template <char... Stops>
std::size_t find_any(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size() && ((text[i] != Stops) && ...)) ++i;
    return i;
}

#endif

// The same from `start` on.
template <char... Stops>
std::size_t find_any(std::string_view text, std::size_t start) {
    return start + find_any<Stops...>(text.substr(start));
}

// Position behind the quoted string that starts at `start`, or npos if it is not closed.
inline std::size_t skip_quoted(std::string_view text, std::size_t start) {
    for (std::size_t i = start + 1; i < text.size(); i += 2) {
        i = find_any<'"', '\\'>(text, i);
        if (i < text.size() && text[i] == '"') return i + 1;
    }
    return std::string_view::npos;
}

// First of `Stops` that stands outside of quoted strings; npos if there is none or a quote is open.
template <char... Stops>
std::size_t find_unquoted(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        i = find_any<'"', Stops...>(text, i);
        if (i == text.size()) break;
        if (text[i] != '"') return i;
        i = skip_quoted(text, i);
    }
    return std::string_view::npos;
}

inline std::string_view trim_left(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size() && is_blank(text[i])) ++i;
    return {text.data() + i, text.size() - i};
}

inline std::string_view trim_right(std::string_view text) {
    std::size_t n = text.size();
    while (n > 0 && is_blank(text[n - 1])) --n;
    return {text.data(), n};
}

inline std::string_view trim(std::string_view text) { return trim_right(trim_left(text)); }

// Whether `size` octets are the same; inline, because header names are too short for a call.
inline bool equal_octets(const char* a, const char* b, std::size_t size) {
    const auto differ = [a, b]<class Word>(std::size_t at, Word word) {
        Word other = 0;
        std::memcpy(&word, a + at, sizeof word);
        std::memcpy(&other, b + at, sizeof other);
        return word != other;
    };
    if (size > 16) return std::memcmp(a, b, size) == 0;
    if (size >= 8) return !differ(0, std::uint64_t{}) && !differ(size - 8, std::uint64_t{});
    if (size >= 4) return !differ(0, std::uint32_t{}) && !differ(size - 4, std::uint32_t{});
    for (std::size_t i = 0; i < size; ++i) {
        if (a[i] != b[i]) return false;
    }
    return true;
}

inline bool equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && equal_octets(a.data(), b.data(), a.size());
}

// ASCII case only.  Most senders spell as the RFC does, so the octets are compared first.
inline bool equal_ignore_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    if (equal_octets(a.data(), b.data(), a.size())) return true;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    }
    return true;
}

}  // namespace hepcap::sip
