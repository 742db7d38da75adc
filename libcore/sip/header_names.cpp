#include "sip/header_names.hpp"

#include "sip/scan.hpp"

namespace hepcap::sip {

namespace {

HeaderName match(std::string_view name, std::string_view full, HeaderName header) {
    return equal_ignore_case(name, full) ? header : HeaderName::other;
}

HeaderName find_compact(char c) {
    switch (c | 0x20) {
        case 'v': return HeaderName::via;
        case 'f': return HeaderName::from;
        case 't': return HeaderName::to;
        case 'i': return HeaderName::call_id;
        case 'm': return HeaderName::contact;
        case 'c': return HeaderName::content_type;
        case 'l': return HeaderName::content_length;
        default: return HeaderName::other;
    }
}

}  // namespace

// Length and one telling letter leave a single candidate; then the whole name is compared.
HeaderName find_header_name(std::string_view name) {
    const auto letter = [&](std::size_t i) { return static_cast<char>(name[i] | 0x20); };
    switch (name.size()) {
        case 1: return find_compact(name[0]);
        case 2: return match(name, "To", HeaderName::to);
        case 3: return match(name, "Via", HeaderName::via);
        case 4:
            return letter(0) == 'f' ? match(name, "From", HeaderName::from) : match(name, "CSeq", HeaderName::cseq);
        case 5: return match(name, "X-OIP", HeaderName::x_oip);
        case 6:
            return letter(0) == 's' ? match(name, "Server", HeaderName::server)
                                    : match(name, "Reason", HeaderName::reason);
        case 7:
            if (letter(0) == 'e') return match(name, "Expires", HeaderName::expires);
            return letter(1) == 'a' ? match(name, "Call-ID", HeaderName::call_id)
                                    : match(name, "Contact", HeaderName::contact);
        case 9: return match(name, "Diversion", HeaderName::diversion);
        case 10:
            if (letter(0) == 'u') return match(name, "User-Agent", HeaderName::user_agent);
            if (letter(0) == 'x') return match(name, "X-RTP-Stat", HeaderName::x_rtp_stat);
            if (letter(0) == 'p') return match(name, "P-RTP-Stat", HeaderName::p_rtp_stat);
            return match(name, "RTP-RxStat", HeaderName::rtp_rxstat);
        case 12: return match(name, "Content-Type", HeaderName::content_type);
        case 13: return match(name, "Authorization", HeaderName::authorization);
        case 14:
            if (letter(0) == 'c') return match(name, "Content-Length", HeaderName::content_length);
            if (letter(2) == 'n') return match(name, "X-NG-RTP-STATS", HeaderName::x_ng_rtp_stats);
            return letter(11) == 'a' ? match(name, "X-RTP-Stat-Add", HeaderName::x_rtp_stat_add)
                                     : match(name, "X-RTP-Stat-T38", HeaderName::x_rtp_stat_t38);
        case 15: return match(name, "Remote-Party-ID", HeaderName::remote_party_id);
        case 19:
            if (letter(0) == 'x') return match(name, "X-Siemens-RTP-stats", HeaderName::x_siemens_rtp_stats);
            return letter(1) == 'r' ? match(name, "Proxy-Authorization", HeaderName::proxy_authorization)
                                    : match(name, "P-Asserted-Identity", HeaderName::p_asserted_identity);
        case 20: return match(name, "P-Preferred-Identity", HeaderName::p_preferred_identity);
        default: return HeaderName::other;
    }
}

}  // namespace hepcap::sip
