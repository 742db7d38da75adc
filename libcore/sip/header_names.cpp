#include "sip/header_names.hpp"

#include <array>

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

constexpr std::size_t slots = 256;

// Length, first and last letter without case tell the names apart; `factor` spreads them so that each
// has a slot of its own.
constexpr std::size_t slot_of(std::string_view name, std::size_t factor) {
    const auto letter = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c) | 0x20); };
    const std::size_t last = letter(name.back()) + (name.size() > 2 ? letter(name[name.size() - 3]) : 0);
    return ((name.size() * 31 + letter(name.front())) * factor + last * 17) % slots;
}

constexpr bool is_perfect(std::size_t factor) {
    std::array<bool, slots> taken{};
    for (const Row& row : rows) {
        const std::size_t slot = slot_of(row.name, factor);
        if (taken[slot]) return false;
        taken[slot] = true;
    }
    return true;
}

// The compiler looks for the first factor without a collision; a name added to the rows moves it.
constexpr std::size_t factor = [] {
    std::size_t candidate = 1;
    while (!is_perfect(candidate)) ++candidate;
    return candidate;
}();

// The beginning of a name as one vector, beside the name.
struct Slot {
    alignas(16) std::array<char, 16> head{};
    Row row;
};

constexpr std::array<Slot, slots> table = [] {
    std::array<Slot, slots> filled{};
    for (const Row& row : rows) {
        Slot& slot = filled[slot_of(row.name, factor)];
        slot.row = row;
        for (std::size_t i = 0; i < slot.head.size() && i < row.name.size(); ++i) slot.head[i] = row.name[i];
    }
    return filled;
}();

#if defined(__SSE2__)
// Whether `name`, which is as long as the slot's, is spelled as the RFC does; false for one too long.
bool is_spelled_so(std::string_view name, const Slot& slot) {
    if (name.size() > 16 || !is_within_page(name.data(), 16)) return false;
    const unsigned same = static_cast<unsigned>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(load_16_beyond(name.data()), load_16(slot.head.data()))));
    return (~same & ((1u << name.size()) - 1)) == 0;
}
#else
bool is_spelled_so(std::string_view name, const Slot& slot) { return name == slot.row.name; }
#endif

}  // namespace

HeaderName find_header_name(std::string_view name) {
    if (name.empty()) return HeaderName::other;
    const Slot& slot = table[slot_of(name, factor)];
    if (slot.row.name.size() != name.size()) return HeaderName::other;
    if (is_spelled_so(name, slot) || equal_ignore_case(name, slot.row.name)) return slot.row.header;
    return HeaderName::other;
}

}  // namespace hepcap::sip
