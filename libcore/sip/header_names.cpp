#include "sip/header_names.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "sip/scan.hpp"

namespace hepcap::sip {

namespace {

struct Row {
    std::string_view name;
    HeaderName header = HeaderName::other;
};

// Full names and, where there is one, the compact form.
constexpr std::array rows{
    Row{"Via", HeaderName::via},
    Row{"v", HeaderName::via},
    Row{"From", HeaderName::from},
    Row{"f", HeaderName::from},
    Row{"To", HeaderName::to},
    Row{"t", HeaderName::to},
    Row{"Call-ID", HeaderName::call_id},
    Row{"i", HeaderName::call_id},
    Row{"CSeq", HeaderName::cseq},
    Row{"Contact", HeaderName::contact},
    Row{"m", HeaderName::contact},
    Row{"Content-Type", HeaderName::content_type},
    Row{"c", HeaderName::content_type},
    Row{"Content-Length", HeaderName::content_length},
    Row{"l", HeaderName::content_length},
    Row{"User-Agent", HeaderName::user_agent},
    Row{"Server", HeaderName::server},
    Row{"Expires", HeaderName::expires},
    Row{"Reason", HeaderName::reason},
    Row{"Diversion", HeaderName::diversion},
    Row{"Authorization", HeaderName::authorization},
    Row{"Proxy-Authorization", HeaderName::proxy_authorization},
    Row{"P-Asserted-Identity", HeaderName::p_asserted_identity},
    Row{"P-Preferred-Identity", HeaderName::p_preferred_identity},
    Row{"Remote-Party-ID", HeaderName::remote_party_id},
    Row{"X-OIP", HeaderName::x_oip},
    Row{"X-RTP-Stat-Add", HeaderName::x_rtp_stat_add},
    Row{"X-RTP-Stat-T38", HeaderName::x_rtp_stat_t38},
    Row{"X-RTP-Stat", HeaderName::x_rtp_stat},
    Row{"P-RTP-Stat", HeaderName::p_rtp_stat},
    Row{"X-Siemens-RTP-stats", HeaderName::x_siemens_rtp_stats},
    Row{"X-NG-RTP-STATS", HeaderName::x_ng_rtp_stats},
    Row{"RTP-RxStat", HeaderName::rtp_rxstat},
};

// A name of up to sixteen characters, its letters small, as two words; what follows it is zero.
struct SmallName {
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
};

constexpr std::size_t longest_small_name = 16;

constexpr auto is_long = [](const Row& row) { return row.name.size() > longest_small_name; };

constexpr SmallName small_name(std::string_view name) {
    std::array<std::uint64_t, 2> words{};
    for (std::size_t i = 0; i < name.size(); ++i) {
        words[i / 8] |= std::uint64_t{static_cast<unsigned char>(to_lower(name[i]))} << i % 8 * 8;
    }
    return {words[0], words[1]};
}

constexpr std::size_t slots = 64;

// The highest bits of the product, which all octets of both words have a part in.
constexpr std::size_t slot_of(const SmallName& name, std::uint64_t factor) {
    return static_cast<std::size_t>(((name.head + 3 * name.tail) * factor) >> (64 - std::countr_zero(slots)));
}

constexpr bool is_perfect(std::uint64_t factor) {
    std::array<bool, slots> taken{};
    for (const Row& row : rows) {
        if (is_long(row)) continue;
        const std::size_t slot = slot_of(small_name(row.name), factor);
        if (taken[slot]) return false;
        taken[slot] = true;
    }
    return true;
}

// The compiler looks for a factor that gives each name a slot of its own; a name added to the rows moves it.
constexpr std::uint64_t factor = [] {
    std::uint64_t candidate = 0x9e3779b97f4a7c15;                  // odd, with bits all over
    while (!is_perfect(candidate)) candidate = candidate * 5 + 2;  // odd again
    return candidate;
}();

struct Slot {
    SmallName name;
    std::size_t size = 0;  // tells a name from one with NULs behind it
    HeaderName header = HeaderName::other;
};

constexpr std::array<Slot, slots> table = [] {
    std::array<Slot, slots> filled{};
    for (const Row& row : rows) {
        if (is_long(row)) continue;
        const SmallName name = small_name(row.name);
        filled[slot_of(name, factor)] = {name, row.name.size(), row.header};
    }
    return filled;
}();

constexpr auto long_rows = [] {
    std::array<Row, std::ranges::count_if(rows, is_long)> filled{};
    std::ranges::copy_if(rows, filled.begin(), is_long);
    return filled;
}();

[[gnu::noinline]] HeaderName find_long_name(std::string_view name) {
    for (const Row& row : long_rows) {
        if (equal_ignore_case(name, row.name)) return row.header;
    }
    return HeaderName::other;
}

#if defined(__SSE2__)
// The same as small_name(), but for octets above 63 that are no letters: they come out as others that no name
// of the table has.
SmallName load_small_name(std::string_view name) {
    // Sixteen ones and as many zeros: from 16 - n on, n ones come first.
    alignas(16) static constexpr std::array<std::uint8_t, 32> ones = [] {
        std::array<std::uint8_t, 32> filled{};
        for (std::size_t i = 0; i < 16; ++i) filled[i] = 0xff;
        return filled;
    }();
    const __m128i kept = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&ones[16 - name.size()]));
    const __m128i octets = _mm_and_si128(load_up_to_16(name.data(), name.size()), kept);
    // From 0x40 on the letters stand; the bit above says whether it is a small one.
    const __m128i capitals = _mm_srli_epi16(_mm_and_si128(octets, _mm_set1_epi8(0x40)), 1);
    const __m128i small = _mm_or_si128(octets, capitals);
    return {static_cast<std::uint64_t>(_mm_cvtsi128_si64(small)),
            static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(small, small)))};
}
#else
SmallName load_small_name(std::string_view name) { return small_name(name); }
#endif

}  // namespace

HeaderName find_header_name(std::string_view name) {
    if (name.empty()) return HeaderName::other;
    if (name.size() > longest_small_name) return find_long_name(name);
    const SmallName small = load_small_name(name);
    const Slot& slot = table[slot_of(small, factor)];
    // Without a branch: whether a header is one of these cannot be foretold.
    const std::uint64_t differs =
        (slot.name.head ^ small.head) | (slot.name.tail ^ small.tail) | (slot.size ^ name.size());
    return differs == 0 ? slot.header : HeaderName::other;
}

}  // namespace hepcap::sip
