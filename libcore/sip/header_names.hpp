// The header fields that a record is made of, found by name: in any case and, where RFC 3261 7.3.3
// gives one, by their compact form.  Kamailio looks some of them up with the first letter in exact
// case; RFC 3261 7.3.1 knows no such rule, and hepcap does not follow it.
#pragma once

#include <cstdint>
#include <string_view>

namespace hepcap::sip {

enum class HeaderName : std::uint8_t {
    other,
    via,
    from,
    to,
    call_id,
    cseq,
    contact,
    content_type,
    content_length,
    user_agent,
    server,
    expires,
    reason,
    diversion,
    authorization,
    proxy_authorization,
    p_asserted_identity,
    p_preferred_identity,
    remote_party_id,
    x_oip,
    // Statistics that a phone sends when it hangs up, in the order of preference.
    x_rtp_stat_add,
    x_rtp_stat_t38,
    x_rtp_stat,
    p_rtp_stat,
    x_siemens_rtp_stats,
    x_ng_rtp_stats,
    rtp_rxstat,
    count_,
};

HeaderName find_header_name(std::string_view name);

}  // namespace hepcap::sip
