#include "record/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/bytes.hpp"

namespace hepcap::record {

namespace {

// How the text went: to its end, and whether it holds octets above 127, which must be UTF-8.
struct Escaped {
    char* end = nullptr;  // nullptr: a NUL was found
    bool has_high = false;
};

// What stands for an octet inside a JSON string: eight octets are stored, `size` of them count.  A
// table, because a switch over what the next special character may be is guessed wrong half the time.
struct Escape {
    std::array<char, 7> text{};
    std::uint8_t size = 1;
};
static_assert(sizeof(Escape) == 8);

constexpr std::array<Escape, 256> escapes = [] {
    std::array<Escape, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) {
        if (c >= 0x20) {
            table[c].text[0] = static_cast<char>(c);
        } else {
            table[c] = {{'\\', 'u', '0', '0', hex_digits[c >> 4], hex_digits[c & 15]}, 6};
        }
    }
    constexpr std::string_view letters =
        "\"\"\\\\\bb\ff\nn\rr\tt";  // octet, what stands behind the backslash
    for (std::size_t i = 0; i < letters.size(); i += 2) {
        table[static_cast<unsigned char>(letters[i])] = {{'\\', letters[i + 1]}, 2};
    }
    return table;
}();

char* append_octet(char* out, char c) {
    const Escape& escape = escapes[static_cast<unsigned char>(c)];
    std::memcpy(out, &escape, sizeof escape);
    return out + escape.size;
}

Escaped escape_octets(char* out, const char* p, const char* end) {
    unsigned high = 0;
    bool has_nul = false;
    for (; p < end; ++p) {
        high |= static_cast<unsigned char>(*p);
        has_nul |= *p == '\0';
        out = append_octet(out, *p);
    }
    return {has_nul ? nullptr : out, high >= 0x80};
}

#if defined(__x86_64__)

// What almost every special octet of a SIP message belongs to.  Two octets must be there to be read.
__attribute__((no_sanitize("address", "thread"))) inline bool is_line_end(const char* p) {
    using Pair [[gnu::may_alias, gnu::aligned(1)]] = std::uint16_t;
    return *reinterpret_cast<const Pair*>(p) == 0x0a0d;
}

inline char* append_line_end(char* out) {
    constexpr std::string_view escaped = "\\r\\n";
    std::memcpy(out, escaped.data(), escaped.size());
    return out + escaped.size();
}

// Copies 16 octets at least and says whether all of them are plain.
bool copy_plain(char* out, const char* p, std::size_t n) {
    unsigned marks = 0;
    for (std::size_t i = 0; i + 16 < n; i += 16) {
        const __m128i v = load_16(p + i);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), v);
        marks |= uneven_octets(v);
    }
    const __m128i v = load_16(p + n - 16);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + n - 16), v);
    return (marks | uneven_octets(v)) == 0;
}

// SSE2 is part of every x86-64: this is the baseline.
Escaped escape_sse2(char* out, const char* p, const char* end) {
    unsigned high = 0;
    while (end - p >= 16) {
        const __m128i v = load_16(p);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), v);
        high |= static_cast<unsigned>(_mm_movemask_epi8(v));
        const unsigned special = special_octets(v);
        const int plain = special == 0 ? 16 : std::countr_zero(special);
        out += plain;
        p += plain;
        if (special == 0) continue;
        if (end - p >= 2 && is_line_end(p)) {
            out = append_line_end(out);
            p += 2;
            continue;
        }
        if (*p == '\0') return {};
        out = append_octet(out, *p++);
    }
    Escaped rest = escape_octets(out, p, end);
    rest.has_high = rest.has_high || high != 0;
    return rest;
}

constexpr std::ptrdiff_t avx2_block = 64;

struct alignas(32) Block {
    __m256i head;
    __m256i tail;
};

__attribute__((target("avx2"), no_sanitize("address", "thread"))) inline Block load_block(const char* p) {
    return {*reinterpret_cast<const __m256i_u*>(p), *reinterpret_cast<const __m256i_u*>(p + 32)};
}

// A bit for each octet of a block.
__attribute__((target("avx2"))) inline std::uint64_t special_of(const Block& block) {
    return special_octets(block.head) | std::uint64_t{special_octets(block.tail)} << 32;
}

__attribute__((target("avx2"))) inline std::uint64_t high_of(const Block& block) {
    return static_cast<unsigned>(_mm256_movemask_epi8(block.head)) |
           std::uint64_t{static_cast<unsigned>(_mm256_movemask_epi8(block.tail))} << 32;
}

// Copies what stands between `p` and `end`, seldom more than a block, and some octets behind it.
__attribute__((target("avx2"))) inline char* copy_run(char* out, const char* p, const char* end) {
    for (;;) {
        const Block block = load_block(p);
        *reinterpret_cast<__m256i_u*>(out) = block.head;
        *reinterpret_cast<__m256i_u*>(out + 32) = block.tail;
        if (end - p <= avx2_block) [[likely]]
            return out + (end - p);
        p += avx2_block;
        out += avx2_block;
    }
}

// The text is no empty one, and a block may be read from behind its last octet on.
//
// The blocks stand where they stand, whatever is found in them: to look for the next special octet from
// behind the last one would be a chain in which each search waits for the one before.
__attribute__((target("avx2"), no_sanitize("address", "thread"))) Escaped escape_avx2(char* out,
                                                                                      const char* p,
                                                                                      const char* end) {
    std::uint64_t high = 0;
    const char* written = p;  // up to here
    for (; p < end; p += avx2_block) {
        const Block block = load_block(p);
        const std::uint64_t counted =
            end - p < avx2_block ? (std::uint64_t{1} << (end - p)) - 1 : ~std::uint64_t{0};
        high |= high_of(block) & counted;
        std::uint64_t special = special_of(block) & counted;
        if (written > p)
            special &= special - 1;  // the line feed of a line end that began in the block before
        for (; special != 0; special &= special - 1) {
            const char* const at = p + static_cast<unsigned>(std::countr_zero(special));
            out = copy_run(out, written, at);
            if (is_line_end(at)) [[likely]] {
                out = append_line_end(out);
                written = at + 2;
                special &= special - 1;
                continue;
            }
            if (*at == '\0') return {};
            out = append_octet(out, *at);
            written = at + 1;
        }
    }
    // A carriage return was the last octet: what stands behind it is not the text's.
    if (written > end) return {append_octet(out - 4, '\r'), high != 0};
    return {copy_run(out, written, end), high != 0};
}

using EscapeKernel = Escaped (*)(char*, const char*, const char*);

const EscapeKernel escape_by_blocks = __builtin_cpu_supports("avx2") ? escape_avx2 : escape_sse2;

Escaped escape_long(char* out, const char* p, const char* end) {
    const bool may_read_on = p < end && is_within_page(end - 1, 1 + avx2_block);
    return (may_read_on ? escape_by_blocks : escape_sse2)(out, p, end);
}

#else

// The high bit of each octet of `w` that is above 127, below 0x20, a quote or a backslash.  Octets may
// be marked that follow a marked one (the subtraction borrows), never one missed.
std::uint64_t special_octets(std::uint64_t w) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t high = 0x8080808080808080;
    const auto zero = [](std::uint64_t v) { return v - ones; };
    return (zero(w ^ ones * '"') | zero(w ^ ones * '\\') | (w - ones * 0x20) | w) & high;
}

template <class Word>
std::uint64_t load(const char* p) {
    Word word;
    std::memcpy(&word, p, sizeof word);
    return word;
}

// Copies up to 16 octets by at most two overlapping loads and says whether all of them are plain.
bool copy_plain_short(char* out, const char* p, std::size_t n) {
    if (n >= 8) {
        const std::uint64_t head = load<std::uint64_t>(p);
        const std::uint64_t tail = load<std::uint64_t>(p + n - 8);
        std::memcpy(out, &head, 8);
        std::memcpy(out + n - 8, &tail, 8);
        return (special_octets(head) | special_octets(tail)) == 0;
    }
    if (n >= 4) {
        const std::uint64_t both = load<std::uint32_t>(p) | load<std::uint32_t>(p + n - 4) << 32;
        std::memcpy(out, p, 4);
        std::memcpy(out + n - 4, p + n - 4, 4);
        return special_octets(both) == 0;
    }
    std::uint64_t octets = 0x4141414141414141;  // plain ones where the text has none
    for (std::size_t i = 0; i < n; ++i) {
        out[i] = p[i];
        octets = octets << 8 | static_cast<unsigned char>(p[i]);
    }
    return special_octets(octets) == 0;
}

bool copy_plain(char* out, const char* p, std::size_t n) {
    std::size_t i = 0;
    bool plain = true;
    for (; i + 16 < n; i += 16) plain = copy_plain_short(out + i, p + i, 16) && plain;
    return copy_plain_short(out + i, p + i, n - i) && plain;
}

Escaped escape_long(char* out, const char* p, const char* end) {
    unsigned high = 0;
    while (end - p >= 8) {
        if (special_octets(load<std::uint64_t>(p)) == 0) {
            std::memcpy(out, p, 8);
            out += 8;
        } else {
            const Escaped part = escape_octets(out, p, p + 8);
            if (!part.end) return {};
            out = part.end;
            high |= part.has_high ? 1u : 0u;
        }
        p += 8;
    }
    Escaped rest = escape_octets(out, p, end);
    rest.has_high = rest.has_high || high != 0;
    return rest;
}

#endif

// Of these lengths a text is taken for a value, which is mostly plain; a longer one is a payload, with
// line ends all over.
#if defined(__x86_64__)
// A shorter one would have been copied by escape_json, were it plain.
constexpr std::size_t shortest_value = 33;
#else
constexpr std::size_t shortest_value = 0;
#endif
constexpr std::size_t longest_value = 256;

}  // namespace

char* escape_any_json(char* out, std::string_view text) {
    const bool is_value = text.size() >= shortest_value && text.size() <= longest_value;
    if (is_value && copy_plain(out, text.data(), text.size())) return out + text.size();
    const Escaped escaped = escape_long(out, text.data(), text.data() + text.size());
    if (escaped.end && escaped.has_high && !simdjson::validate_utf8(text.data(), text.size())) return nullptr;
    return escaped.end;
}

}  // namespace hepcap::record
