// Loads of whole vectors from texts that may end before the vector does.  Memory is protected by pages: a
// load that stays within the page of its first octet cannot fault, whatever lies behind the text.  What
// it brings from there means nothing and must be masked away.  The text must have an octet of its own:
// an empty one may point to a page that is not there.
//
// Header fields are a few dozen octets long; with loads that may not reach beyond them, their odd ends
// take longer than all the rest.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace hepcap {

// Whether `size` octets from `p` on lie in one page; 4096 octets is the smallest page there is.
inline bool is_within_page(const void* p, std::size_t size) {
    constexpr std::size_t page = 4096;
    return (reinterpret_cast<std::uintptr_t>(p) & (page - 1)) <= page - size;
}

// Where a sanitizer watches, nothing is loaded beyond a text: else it could not see a text that is wrong.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEPCAP_TEXTS_ARE_WATCHED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HEPCAP_TEXTS_ARE_WATCHED 1
#endif

#if defined(__SSE2__)

inline __m128i load_16(const char* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }

// Sixteen octets from `p` on, of which the caller may own fewer; they lie within one page.  The sanitizer
// knows of objects, not of pages.
__attribute__((no_sanitize("address", "thread"))) inline __m128i load_16_beyond(const char* p) {
    return *reinterpret_cast<const __m128i_u*>(p);
}

// The sixteen octets at `p`; of a text that has fewer left, `size`, what comes behind them means nothing.
inline __m128i load_up_to_16(const char* p, std::size_t size) {
#if !defined(HEPCAP_TEXTS_ARE_WATCHED)
    if (is_within_page(p, 16)) [[likely]]
        return load_16_beyond(p);
#endif
    alignas(16) char copy[16] = {};
    std::memcpy(copy, p, std::min<std::size_t>(size, 16));
    return load_16(copy);
}

#endif

}  // namespace hepcap
