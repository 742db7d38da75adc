// Text as JSON strings (RFC 8259 7), the hottest loop of the house.
//
// Two ways, chosen by what the text is.  Header values are short and almost never hold anything to
// escape: they are copied and looked at in one go, 8 octets at a time or 16.  Payloads are long and
// have two line-end characters a line: they go through a kernel that marks, block by block, what needs
// an escape, and copies what lies between; on x86-64 the one with blocks of 64 octets is picked at run
// time where the processor has AVX2.
//
// Only UTF-8 without NUL becomes a string; anything else is the caller's to write as base64, so that
// no octet is lost and none is guessed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/wide_load.hpp"
#include "record/json_marks.hpp"

namespace hepcap::record {

// Octets that the escaped form of `size` octets may take, quotes not counted.
constexpr std::size_t max_escaped_size(std::size_t size) { return 6 * size; }

// Octets behind those that may be written over.
inline constexpr std::size_t escape_slack = 64;

// As escape_json, for any text.
char* escape_any_json(char* out, std::string_view text);

// Writes the escaped form of `text` (without quotes) to `out`, which has room for
// max_escaped_size(text.size()) octets and escape_slack; returns its end, or nullptr if `text` is no
// UTF-8 or holds a NUL (what stands at `out` is then undefined).
inline char* escape_json(char* out, std::string_view text) {
#if defined(__x86_64__)
    // An empty text owns not even the page that it points to.
    if (!text.empty() && text.size() <= 32 && is_within_page(text.data(), 32)) [[likely]] {
        const __m128i head = load_16_beyond(text.data());
        const __m128i tail = load_16_beyond(text.data() + 16);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), head);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 16), tail);
        const std::uint64_t marks = uneven_octets(head) | std::uint64_t{uneven_octets(tail)} << 16;
        if ((marks & ((std::uint64_t{1} << text.size()) - 1)) == 0) [[likely]]
            return out + text.size();
    }
#endif
    return escape_any_json(out, text);
}

}  // namespace hepcap::record
