#include "sink/text_form.hpp"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace hepcap::sink {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// True if every octet of the eight is 0x01 to 0x7F.
bool is_plain(std::uint64_t octets) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t high = 0x8080808080808080;
    // With the high bits clear, subtracting one sets an octet's high bit only if it was zero or
    // borrowed, and the first borrow comes from a zero.
    return (((octets - ones) | octets) & high) == 0;
}

std::uint64_t load(const char* p) {
    std::uint64_t octets = 0;
    std::memcpy(&octets, p, sizeof octets);
    return octets;
}

// True if every octet of the text is 0x01 to 0x7F, as almost all texts are.
bool is_all_plain(std::string_view text) {
    const char* const end = text.data() + text.size();
    if (text.size() < sizeof(std::uint64_t)) {
        return std::ranges::all_of(text, [](char c) { return static_cast<signed char>(c) > 0; });
    }
    const char* p = text.data();
    bool plain = is_plain(load(end - sizeof(std::uint64_t)));
#if defined(__x86_64__)
    for (; plain && end - p >= 16; p += 16) {
        const __m128i octets = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        plain = _mm_movemask_epi8(_mm_cmpgt_epi8(octets, _mm_setzero_si128())) == 0xFFFF;
    }
#endif
    for (; plain && end - p >= 8; p += 8) plain = is_plain(load(p));
    return plain;
}

// The octets of the UTF-8 sequence at `at`, or 0 if there is none (RFC 3629 section 4: no overlong
// forms, no surrogates, nothing above U+10FFFF).
std::size_t sequence_at(std::string_view text, std::size_t at) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const unsigned char first = octet(0);
    if (first < 0x80) return first == 0 ? 0 : 1;
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() - at < size) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if (!is_continuation(text[at + i])) return 0;
    }
    if (first == 0xE0 && octet(1) < 0xA0) return 0;
    if (first == 0xED && octet(1) > 0x9F) return 0;
    if (first == 0xF0 && octet(1) < 0x90) return 0;
    if (first == 0xF4 && octet(1) > 0x8F) return 0;
    return size;
}

}  // namespace

bool is_storable_text(std::string_view text) {
    if (is_all_plain(text)) return true;
    for (std::size_t at = 0; at < text.size();) {
        while (text.size() - at >= sizeof(std::uint64_t) && is_plain(load(text.data() + at))) {
            at += sizeof(std::uint64_t);
        }
        if (at == text.size()) break;
        const std::size_t size = sequence_at(text, at);
        if (size == 0) return false;
        at += size;
    }
    return true;
}

std::string_view cut_to_characters(std::string_view text, std::size_t characters) {
    if (text.size() <= characters) return text;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_continuation(text[at])) continue;
        if (count == characters) return text.substr(0, at);
        ++count;
    }
    return text;
}

std::size_t append_replaced(std::string& out, std::string_view text) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::size_t replaced = 0;
    std::size_t kept_from = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = sequence_at(text, at);
        if (size > 0) {
            at += size;
            continue;
        }
        out.append(text.substr(kept_from, at - kept_from)).append(replacement);
        kept_from = ++at;
        ++replaced;
    }
    out += text.substr(kept_from);
    return replaced;
}

}  // namespace hepcap::sink
