#include "record/from_hep.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "record/json_text.hpp"
#include "record/rtcp_json.hpp"
#include "record/uid.hpp"
#include "sip/parameters.hpp"
#include "sip/uri.hpp"

namespace hepcap::record {

namespace {

constexpr int record_version = 1;

void append_number(std::string& out, std::uint64_t value) {
    char digits[max_decimal];
    out.append(digits, append_decimal(digits, value));
}

// Appends `text` as a JSON string; octets that are no UTF-8 are taken for Latin-1, since there is no
// other way to have them inside an array (`msg` keeps them as they are).
void append_string(std::string& out, std::string_view text) {
    const std::size_t start = out.size();
    out.resize(start + 2 + max_escaped_size(text.size()) + escape_slack);
    out[start] = '"';
    if (char* const end = escape_json(out.data() + start + 1, text)) {
        out.resize(static_cast<std::size_t>(end - out.data()));
        out.push_back('"');
        return;
    }
    out.resize(start + 1);
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= 0x80) {
            out.push_back(static_cast<char>(0xc0 | octet >> 6));
            out.push_back(static_cast<char>(0x80 | (octet & 0x3f)));
        } else if (octet < 0x20 || c == '"' || c == '\\') {
            out.append("\\u00");
            out.push_back(hex_digits[octet >> 4]);
            out.push_back(hex_digits[octet & 15]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

Text kind_of(const hep::Message& m) {
    switch (m.protocol_type) {
        case hep::ProtocolType::sip:
            // Sniffed octets were recognised as SIP before they were wrapped; a HEP agent may be wrong.
            return m.version == 0 || sip::is_sip(as_text(m.payload)) ? kind::sip : kind::hep;
        case hep::ProtocolType::rtcp_json: return kind::rtcp;
        case hep::ProtocolType::qos_json:
        case hep::ProtocolType::mos_full:
        case hep::ProtocolType::mos_short:
        case hep::ProtocolType::qos_ipfix:
        case hep::ProtocolType::vq_report: return kind::report;
        case hep::ProtocolType::log: return kind::log;
        case hep::ProtocolType::reserved: break;
    }
    return kind::hep;
}

Integer parse_seconds(std::string_view text) {
    text = sip::trim(text);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

}  // namespace

RecordBuilder::RecordBuilder(BuilderOptions options)
    : options_(std::move(options)), rtcp_reader_(std::make_unique<RtcpJsonReader>()) {}

RecordBuilder::~RecordBuilder() = default;

const Record& RecordBuilder::build(const hep::Message& m) {
    record_ = Record{};
    parse_.clear();
    record_.kind = kind_of(m);
    fill_envelope(m);
    fill_network(m);
    if (m.version > 0) fill_hep(m);
    if (record_.kind == kind::sip) {
        fill_sip(m);
    } else {
        record_.correlation_id = m.correlation_id;
        if (m.is_cut) add_note("truncated");
        if (record_.kind == kind::rtcp) fill_rtcp(m);
    }
    return finish(m);
}

const Record& RecordBuilder::build_reject(const capture::Packet& packet, std::string_view cause) {
    hep::Message m;
    m.time = packet.time;
    m.has_nanoseconds = packet.has_nanoseconds;
    m.payload = packet.data;
    m.origin = packet.origin;
    record_ = Record{};
    parse_.clear();
    record_.kind = kind::packet;
    fill_envelope(m);
    add_note(cause);
    return finish(m);
}

// What stands last in a record: what was wrong, and the payload.
const Record& RecordBuilder::finish(const hep::Message& m) {
    if (!parse_.empty()) {
        parse_.push_back(']');
        record_.parse = {parse_};
    }
    record_.msg = as_text(m.payload);
    return record_;
}

void RecordBuilder::fill_envelope(const hep::Message& m) {
    record_.v = record_version;
    record_.micro_ts = m.time.micros();
    fill_ts(m);
    fill_uid(m);
    // As Kamailio's column: the agent id stands behind the name only where HEP brought a time with it.
    if (m.version > 1 && m.has_time) {
        if (node_.empty() || m.capture_agent_id != node_agent_id_) {
            node_.assign(options_.node).push_back(':');
            append_number(node_, m.capture_agent_id);
            node_agent_id_ = m.capture_agent_id;
        }
        record_.node = node_;
    } else {
        record_.node = options_.node;
    }
    if (m.origin.frame > 0) {
        record_.file = m.origin.file;
        record_.frame = m.origin.frame;
        record_.offset = m.origin.offset;
    }
}

// 2025-12-05T16:00:00.949708Z; date and minute are kept from the record before.
void RecordBuilder::fill_ts(const hep::Message& m) {
    constexpr std::size_t minute_length = 17;  // "2025-12-05T16:00:"
    const std::int64_t second = m.time.second();
    const std::int64_t in_minute = (second % 60 + 60) % 60;
    const std::int64_t minute = second - in_minute;
    if (minute != ts_minute_) {
        const std::time_t t = minute;
        std::tm utc{};
        gmtime_r(&t, &utc);
        char* p = append_padded(ts_.data(), static_cast<std::uint32_t>(utc.tm_year + 1900), 4);
        *p++ = '-';
        p = append_padded(p, static_cast<std::uint32_t>(utc.tm_mon + 1), 2);
        *p++ = '-';
        p = append_padded(p, static_cast<std::uint32_t>(utc.tm_mday), 2);
        *p++ = 'T';
        p = append_padded(p, static_cast<std::uint32_t>(utc.tm_hour), 2);
        *p++ = ':';
        p = append_padded(p, static_cast<std::uint32_t>(utc.tm_min), 2);
        *p = ':';
        ts_minute_ = minute;
    }
    char* p = append_padded(ts_.data() + minute_length, static_cast<std::uint32_t>(in_minute), 2);
    *p++ = '.';
    p = m.has_nanoseconds ? append_padded(p, m.time.nanosecond(), 9)
                          : append_padded(p, m.time.nanosecond() / 1000, 6);
    *p++ = 'Z';
    record_.ts = {ts_.data(), static_cast<std::size_t>(p - ts_.data())};
}

void RecordBuilder::fill_uid(const hep::Message& m) {
    uid_ = uid_text(make_uid(m.time, m.source, m.destination, m.payload));
    record_.uid = {uid_.data(), uid_.size()};
}

void RecordBuilder::fill_network(const hep::Message& m) {
    record_.source_ip = {source_ip_.data(), m.source.address.format(source_ip_.data())};
    record_.source_port = m.source.port;
    record_.destination_ip = {destination_ip_.data(), m.destination.address.format(destination_ip_.data())};
    record_.destination_port = m.destination.port;
    record_.transport = name(m.transport);
    if (m.copies > 0) record_.copies = m.copies;
    if (m.encap.empty()) return;
    encap_.clear();
    for (const capture::Layer& layer : m.encap) {
        char text[32];
        encap_.append(encap_.empty() ? "[\"" : ",\"");
        encap_.append(text, capture::format(layer, text)).push_back('"');
    }
    encap_.push_back(']');
    record_.encap = {encap_};
}

void RecordBuilder::fill_hep(const hep::Message& m) {
    // Of a message that was sent on, what brought it first is told.
    const hep::Carried& carried =
        m.carried ? *m.carried : hep::Carried{m.version, m.has_protocol_type, m.has_vlan, m.notes};
    if (carried.version > 0) record_.hep_version = carried.version;
    if (m.has_capture_agent_id) record_.hep_agent_id = m.capture_agent_id;
    if (carried.has_protocol_type && m.has_protocol_type)
        record_.hep_proto = static_cast<unsigned>(m.protocol_type);
    record_.hep_node = m.capture_agent_name;
    if (carried.has_vlan && m.has_vlan) record_.hep_vlan = m.vlan;

    char* p = hep_peer_.data();
    if (m.peer.address.is_v6()) *p++ = '[';
    p += m.peer.address.format(p);
    if (m.peer.address.is_v6()) *p++ = ']';
    if (p != hep_peer_.data()) {
        *p++ = ':';
        p = append_decimal(p, std::uint64_t{m.peer.port});
        record_.hep_peer = {hep_peer_.data(), static_cast<std::size_t>(p - hep_peer_.data())};
    }
    carried.notes.for_each([this](hep::Note note) {
        // To compress is no fault.
        if (note == hep::Note::compressed || note == hep::Note::compressed_frame) return;
        add_note(hep::note_name(note));
    });

    if (m.extra.empty()) return;
    hep_extra_.clear();
    for (auto chunk = m.extra.begin(); chunk != m.extra.end(); ++chunk) {
        // A key may stand once in an object: of repeated chunks the last one counts, as everywhere.
        const auto same = [&](const hep::Chunk& later) {
            return later.vendor_id == chunk->vendor_id && later.type_id == chunk->type_id;
        };
        if (std::any_of(chunk + 1, m.extra.end(), same)) continue;
        hep_extra_.append(hep_extra_.empty() ? "{\"" : ",\"");
        append_number(hep_extra_, chunk->vendor_id);
        hep_extra_.push_back(':');
        append_number(hep_extra_, chunk->type_id);
        hep_extra_.append("\":\"");
        for (const std::uint8_t octet : chunk->value) {
            hep_extra_.push_back(hex_digits[octet >> 4]);
            hep_extra_.push_back(hex_digits[octet & 15]);
        }
        hep_extra_.push_back('"');
    }
    hep_extra_.push_back('}');
    record_.hep_extra = {hep_extra_};
}

void RecordBuilder::fill_sip(const hep::Message& m) {
    sip::Message s = sip::parse(as_text(m.payload), options_.header_names, m.is_cut);
    if (options_.topoh) unmask(s);

    if (s.is_request) {
        record_.method = s.method;
        record_.ruri = s.request_uri.whole;
        record_.ruri_user = s.request_uri.user;
        record_.ruri_domain = s.request_uri.host;
    } else {
        record_.method = s.status_text;
        if (!s.notes.has(sip::Note::bad_start_line) || s.status > 0) record_.status = s.status;
        record_.reply_reason = s.reason_phrase;
    }
    record_.cseq = s.cseq;
    record_.cseq_method = s.cseq_method;
    record_.callid = s.call_id;
    record_.callid_aleg = s.call_id_aleg;
    record_.correlation_id = m.correlation_id.empty() ? s.call_id : m.correlation_id;
    fill_sip_addresses(s);
    record_.via_1 = s.via;
    record_.via_1_branch = s.via_branch;
    record_.pid_user = s.identity_user;
    record_.auth_user = s.auth_user;
    record_.diversion = s.diversion;
    record_.reason = s.reason;
    record_.content_type = s.content_type;
    record_.body_len = s.body.size();
    record_.user_agent = s.user_agent;
    record_.server = s.server;
    record_.originator_ip = s.originator_host;
    if (s.originator_port >= 0) record_.originator_port = s.originator_port;
    record_.rtp_stat = s.rtp_stat;
    record_.custom_field1 = s.custom[0];
    record_.custom_field2 = s.custom[1];
    record_.custom_field3 = s.custom[2];
    if (!s.body.empty() && !s.content_type.empty()) fill_sdp(s);
    if (options_.with_headers) fill_headers(s);
    s.notes.for_each([this](sip::Note note) { add_note(sip::note_name(note)); });
}

void RecordBuilder::fill_sip_addresses(const sip::Message& s) {
    record_.from_user = s.from.uri.user;
    record_.from_domain = s.from.uri.host;
    record_.from_tag = s.from.tag;
    record_.from_name = s.from.display_name;
    record_.to_user = s.to.uri.user;
    record_.to_domain = s.to.uri.host;
    record_.to_tag = s.to.tag;
    record_.to_name = s.to.display_name;
    if (s.has_contact_star) {
        record_.contact_user = "*";
    } else {
        record_.contact_user = s.contact.uri.user;
        record_.contact_ip = s.contact.uri.host;
        if (s.contact.uri.port > 0) record_.contact_port = s.contact.uri.port;
    }
    record_.expires =
        parse_seconds(s.expires.empty() ? sip::find_parameter(s.contact.parameters, "expires") : s.expires);
}

void RecordBuilder::fill_sdp(const sip::Message& s) {
    sip::Sdp& sdp = sdp_;
    sip::parse_sdp(s.content_type, s.body, sdp);
    record_.sdp_ip = sdp.address;
    if (!sdp.has_media) return;
    if (sdp.port >= 0) record_.sdp_port = sdp.port;
    record_.sdp_dir = sdp.direction.empty() ? "sendrecv" : sdp.direction;  // the default of RFC 3264 5.1
    if (sdp.format_count == 0) return;
    codecs_.assign(1, '[');
    for (std::size_t i = 0; i < sdp.format_count; ++i) {
        if (i > 0) codecs_.push_back(',');
        append_string(codecs_, sdp.codecs[i]);
    }
    codecs_.push_back(']');
    record_.codecs = {codecs_};
}

void RecordBuilder::fill_headers(const sip::Message& s) {
    headers_.assign(1, '[');
    sip::for_each_header(s.header_block, [&](std::string_view name, std::string_view value) {
        headers_.append(headers_.size() == 1 ? "[" : ",[");
        append_string(headers_, name);
        headers_.push_back(',');
        append_string(headers_, value);
        headers_.push_back(']');
    });
    headers_.push_back(']');
    record_.headers = {headers_};
}

// What the topoh module masks: the Call-ID, the Request-URI and the Contact (parameter `line`), and the
// Via (its branch).  `msg` stays as it was captured.
void RecordBuilder::unmask(sip::Message& s) {
    if (const auto plain = options_.topoh->unmask_call_id(s.call_id, plain_[0])) {
        s.call_id = *plain;
    } else if (options_.topoh->is_masked(s.call_id)) {
        add_note("still-masked");
    }
    const auto unmask_uri = [&](sip::Uri& uri, std::string& buffer) {
        const auto plain = options_.topoh->unmask_uri_parameters(uri.parameters, buffer);
        if (!plain) return;
        if (sip::Uri parsed; sip::parse_uri(*plain, parsed)) uri = parsed;
    };
    unmask_uri(s.request_uri, plain_[1]);
    unmask_uri(s.contact.uri, plain_[2]);
    if (const auto plain = options_.topoh->unmask_branch(s.via_branch, plain_[3])) {
        s.via = *plain;
        s.via_branch = sip::find_first_via_branch(*plain);
    }
}

void RecordBuilder::fill_rtcp(const hep::Message& m) {
    const auto rtcp = rtcp_reader_->read(as_text(m.payload));
    if (!rtcp) {
        add_note("bad-json");
        return;
    }
    record_.ssrc = rtcp->ssrc;
    record_.packet_type = rtcp->packet_type;
    record_.reports = rtcp->reports;
}

void RecordBuilder::add_note(std::string_view word) {
    parse_.append(parse_.empty() ? "[\"" : ",\"").append(word).push_back('"');
}

}  // namespace hepcap::record
