// A record: one JSON line, as a struct of views.  Each member is one key, and the key is the column
// of Kamailio's capture table where the table has one; fields.hpp lists them in their order.
//
// Absent is a state of its own, and an empty text is absent: a record has no null and no "".
// Everything points into memory of others (the packet, the builder's scratch, the reader's line) and
// is valid until that is asked for the next record.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace hepcap::record {

using Text = std::string_view;  // any octets; empty is absent

struct Integer {
    static constexpr std::int64_t absent = std::numeric_limits<std::int64_t>::min();
    std::int64_t value = absent;

    Integer() = default;
    template <class T>
    requires std::is_integral_v<T> Integer(T v) : value(static_cast<std::int64_t>(v)) {}

    bool present() const { return value != absent; }
    std::int64_t value_or(std::int64_t other) const { return present() ? value : other; }
};

struct Boolean {
    std::int8_t value = -1;  // -1 absent, 0 false, 1 true

    Boolean() = default;
    explicit Boolean(bool v) : value(v ? 1 : 0) {}
    bool present() const { return value >= 0; }
};

struct Real {
    double value =
        std::numeric_limits<double>::quiet_NaN();  // what is not finite is absent: JSON has no word for it

    Real() = default;
    explicit Real(double v) : value(v) {}
    bool present() const { return std::isfinite(value); }
};

// An array or object, as JSON text that is already well formed; empty is absent.
struct Json {
    std::string_view text;
};

// The values of `kind`.  Text, because records of kinds not yet invented must pass through.
namespace kind {
inline constexpr Text sip = "sip";
inline constexpr Text rtcp = "rtcp";
inline constexpr Text report = "report";
inline constexpr Text log = "log";
inline constexpr Text hep = "hep";
inline constexpr Text packet = "packet";
inline constexpr Text eof = "eof";
}  // namespace kind

struct Record {
    // Envelope
    Integer v;
    Text kind;
    Text ts;
    Integer micro_ts;
    Text uid;
    Text node;
    Text file;
    Integer frame;
    Integer offset;

    // Network, innermost
    Text source_ip;
    Integer source_port;
    Text destination_ip;
    Integer destination_port;
    Text transport;
    Json encap;
    Integer copies;

    // HEP
    Integer hep_version;
    Integer hep_agent_id;
    Integer hep_proto;
    Text correlation_id;
    Text hep_node;
    Integer hep_vlan;
    Boolean hep_auth_ok;
    Json hep_extra;
    Text hep_peer;

    // SIP
    Text method;
    Integer status;
    Text reply_reason;
    Text cseq;
    Text cseq_method;
    Text callid;
    Text callid_aleg;
    Text ruri;
    Text ruri_user;
    Text ruri_domain;
    Text from_user;
    Text from_domain;
    Text from_tag;
    Text from_name;
    Text to_user;
    Text to_domain;
    Text to_tag;
    Text to_name;
    Text contact_user;
    Text contact_ip;
    Integer contact_port;
    Integer expires;
    Text via_1;
    Text via_1_branch;
    Text pid_user;
    Text auth_user;
    Text diversion;
    Text reason;
    Text content_type;
    Integer body_len;
    Text user_agent;
    Text server;
    Text originator_ip;
    Integer originator_port;
    Text rtp_stat;
    Text sdp_ip;
    Integer sdp_port;
    Text sdp_dir;
    Json codecs;
    Text custom_field1;
    Text custom_field2;
    Text custom_field3;

    // RTCP and reports
    Integer ssrc;
    Integer packet_type;
    Json reports;
    Real mos;
    Integer lost;
    Real jitter_ms;
    Real rtt_ms;
    Json data;

    // End of stream
    Integer records;
    Integer damaged;
    Integer dropped;
    Integer gaps;

    // What was wrong, the headers, the payload: last, because they are long
    Json parse;
    Json headers;
    Text msg;

    // Not a key: the members of a line that no key names, as one object, so that they pass through.
    Json extra;
};

}  // namespace hepcap::record
