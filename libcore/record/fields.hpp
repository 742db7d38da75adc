// The one table of record keys: name, member, and the sentence that the man page and the JSON Schema
// print.  The writers, the reader, the filter language, --fields and the loaders all walk it; a new
// key is one line here and one member in record.hpp.  The order is the order of keys in a line.
#pragma once

#include <array>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

#include "record/record.hpp"

namespace hepcap::record {

template <class Type>
struct Field {
    std::string_view name;
    Type Record::*member;
    std::string_view doc;
};
template <class Type, std::size_t N>
Field(const char (&)[N], Type Record::*, std::string_view) -> Field<Type>;

inline constexpr std::tuple fields{
    Field{"v", &Record::v, "version of the record format: 1"},
    Field{"kind", &Record::kind, "what the record is about: sip, rtcp, report, log, hep, packet, eof"},
    Field{"ts", &Record::ts, "time, RFC 3339 in UTC; 6 digits, 9 where the source has nanoseconds"},
    Field{"micro_ts", &Record::micro_ts, "the same time as microseconds since 1970"},
    Field{"uid", &Record::uid,
          "64-bit hash (XXH3) of time, addresses, ports and payload, 16 hex digits; the same packet read "
          "again has the same"},
    Field{"node", &Record::node,
          "name of the capture node and, after a colon, the capture agent id where HEP brought one with a "
          "time"},
    Field{"file", &Record::file, "capture file, as it was named; - is standard input"},
    Field{"frame", &Record::frame, "number of the packet in the file, from 1"},
    Field{"offset", &Record::offset, "offset in octets of the packet record in the uncompressed file"},

    Field{"source_ip", &Record::source_ip,
          "innermost source address; for HEP what the HEP says; IPv6 as in RFC 5952"},
    Field{"source_port", &Record::source_port, "source port"},
    Field{"destination_ip", &Record::destination_ip, "innermost destination address"},
    Field{"destination_port", &Record::destination_port, "destination port"},
    Field{"transport", &Record::transport, "udp, tcp, tls, ws, wss or sctp"},
    Field{"encap", &Record::encap, "layers taken off, outermost first, e.g. [\"vlan:100\",\"ipip\"]"},
    Field{"copies", &Record::copies, "number of duplicates that were dropped"},

    Field{"hep_version", &Record::hep_version, "version of HEP that carried it: 1, 2 or 3"},
    Field{"hep_agent_id", &Record::hep_agent_id, "capture agent id (chunk 0x000c)"},
    Field{"hep_proto", &Record::hep_proto,
          "payload protocol type (chunk 0x000b): 1 SIP, 5 RTCP as JSON, 100 log text"},
    Field{"correlation_id", &Record::correlation_id,
          "internal correlation id (chunk 0x0011), else the Call-ID"},
    Field{"hep_node", &Record::hep_node, "capture agent name (chunk 0x0013)"},
    Field{"hep_vlan", &Record::hep_vlan, "VLAN id (chunk 0x0012)"},
    Field{"hep_auth_ok", &Record::hep_auth_ok,
          "whether the authenticate key (chunk 0x000e) was the expected one"},
    Field{"hep_extra", &Record::hep_extra, "chunks without a key of their own: {\"vendor:type\":\"hex\"}"},
    Field{"hep_peer", &Record::hep_peer, "address and port from which the HEP message came"},

    Field{"method", &Record::method, "method of a request; status code of a reply, as text"},
    Field{"status", &Record::status, "status code; replies only"},
    Field{"reply_reason", &Record::reply_reason, "reason phrase of a reply"},
    Field{"cseq", &Record::cseq, "CSeq, whole"},
    Field{"cseq_method", &Record::cseq_method, "method in CSeq"},
    Field{"callid", &Record::callid, "Call-ID, unmasked where a topoh key was given"},
    Field{"callid_aleg", &Record::callid_aleg,
          "Call-ID of the other leg, from X-CID or the headers named by --aleg-header"},
    Field{"ruri", &Record::ruri, "Request-URI"},
    Field{"ruri_user", &Record::ruri_user, "user part of the Request-URI; the number of a tel URI"},
    Field{"ruri_domain", &Record::ruri_domain, "host part of the Request-URI"},
    Field{"from_user", &Record::from_user, "user part of the From URI"},
    Field{"from_domain", &Record::from_domain, "host part of the From URI"},
    Field{"from_tag", &Record::from_tag, "tag of From"},
    Field{"from_name", &Record::from_name, "display name of From, without quotes"},
    Field{"to_user", &Record::to_user, "user part of the To URI"},
    Field{"to_domain", &Record::to_domain, "host part of the To URI"},
    Field{"to_tag", &Record::to_tag, "tag of To"},
    Field{"to_name", &Record::to_name, "display name of To, without quotes"},
    Field{"contact_user", &Record::contact_user,
          "user part of the URI in Contact, of several in the first Contact header the last, as in Kamailio; "
          "* for a star"},
    Field{"contact_ip", &Record::contact_ip, "host part of that URI as written: it may be a name"},
    Field{"contact_port", &Record::contact_port, "port of that URI"},
    Field{"expires", &Record::expires, "Expires, seconds"},
    Field{"via_1", &Record::via_1, "first Via header line, whole"},
    Field{"via_1_branch", &Record::via_1_branch, "branch of the first Via value"},
    Field{"pid_user", &Record::pid_user,
          "user part of P-Asserted-Identity, else P-Preferred-Identity, else Remote-Party-ID"},
    Field{"auth_user", &Record::auth_user, "digest user name, without scheme and realm"},
    Field{"diversion", &Record::diversion, "first Diversion header"},
    Field{"reason", &Record::reason, "Reason header"},
    Field{"content_type", &Record::content_type, "Content-Type"},
    Field{"body_len", &Record::body_len, "length of the body in octets"},
    Field{"user_agent", &Record::user_agent, "User-Agent"},
    Field{"server", &Record::server, "Server"},
    Field{"originator_ip", &Record::originator_ip, "address in X-OIP"},
    Field{"originator_port", &Record::originator_port, "port in X-OIP"},
    Field{"rtp_stat", &Record::rtp_stat, "statistics header of the phone: X-RTP-Stat, P-RTP-Stat and kin"},
    Field{"sdp_ip", &Record::sdp_ip, "connection address of the first media description of the SDP"},
    Field{"sdp_port", &Record::sdp_port, "port of the first media description"},
    Field{"sdp_dir", &Record::sdp_dir,
          "direction of the first media description: sendrecv, sendonly, recvonly, inactive"},
    Field{"codecs", &Record::codecs, "codecs of the first media description, in order of preference"},
    Field{"custom_field1", &Record::custom_field1, "header named by the first --custom-header"},
    Field{"custom_field2", &Record::custom_field2, "header named by the second --custom-header"},
    Field{"custom_field3", &Record::custom_field3, "header named by the third --custom-header"},

    Field{"ssrc", &Record::ssrc, "synchronization source that sent the RTCP packet"},
    Field{"packet_type", &Record::packet_type, "RTCP packet type: 200 SR, 201 RR, 202 SDES, 207 XR"},
    Field{"reports", &Record::reports,
          "RTCP report blocks: [{ssrc, fraction_lost, lost, highest_seq, jitter, jitter_ms, rtt_ms, mos_lq, "
          "mos_cq}]"},
    Field{"mos", &Record::mos, "mean opinion score that the sender reports"},
    Field{"lost", &Record::lost, "lost packets that the sender reports"},
    Field{"jitter_ms", &Record::jitter_ms, "jitter that the sender reports, milliseconds"},
    Field{"rtt_ms", &Record::rtt_ms, "round trip time that the sender reports, milliseconds"},
    Field{"data", &Record::data, "the report as the sender gave it"},

    Field{"records", &Record::records, "eof: records written before this one"},
    Field{"damaged", &Record::damaged, "eof: packets or messages that were malformed"},
    Field{"dropped", &Record::dropped, "eof: packets lost before they could be decoded"},
    Field{"gaps", &Record::gaps, "eof: inputs that ended in the middle of a record"},

    Field{"parse", &Record::parse, "what was wrong with the message, a word each; absent when all is well"},
    Field{"headers", &Record::headers, "all headers as [name, value], order and duplicates kept"},
    Field{"msg", &Record::msg, "the payload as captured, where it is UTF-8 without NUL; else msg_b64"},
};

inline constexpr std::size_t field_count = std::tuple_size_v<decltype(fields)>;

// The same table for code that learns a name at run time (a filter, a column list, a line's key).
using Member =
    std::variant<Text Record::*, Integer Record::*, Boolean Record::*, Real Record::*, Json Record::*>;

struct FieldRef {
    std::string_view name;
    Member member;
    std::string_view doc;
};

inline constexpr std::array<FieldRef, field_count> field_refs = std::apply(
    [](const auto&... f) {
        return std::array<FieldRef, field_count>{FieldRef{f.name, f.member, f.doc}...};
    },
    fields);

// Index into field_refs, or nothing for a key that is no key of a record.
std::optional<std::size_t> find_field(std::string_view name);

}  // namespace hepcap::record
