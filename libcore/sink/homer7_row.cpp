#include "sink/homer7_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include "record/isup.hpp"
#include "sink/text_form.hpp"

namespace hepcap::sink {
namespace {

using record::Record;

// Four octets a character at most: what an index takes, with room for what stands beside the text.
constexpr std::size_t most_characters = 512;

constexpr std::array<std::string_view, 8> tables{
    "hep_proto_1_call",     "hep_proto_1_registration", "hep_proto_1_default",  "hep_proto_5_default",
    "hep_proto_35_default", "hep_proto_53_default",     "hep_proto_54_default", "hep_proto_100_default",
};

// By the method in CSeq, as heplify-server sorts for PostgreSQL.
constexpr std::array<std::string_view, 9> call_methods{
    "INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "REFER", "INFO", "NOTIFY",
};

// HEP protocol types (chunk 0x000b).
namespace type {
constexpr std::int64_t sip = 1;
constexpr std::int64_t rtcp = 5;
constexpr std::int64_t report = 35;
constexpr std::int64_t dns = 53;
constexpr std::int64_t isup = 54;
constexpr std::int64_t log = 100;
}  // namespace type

struct ProtoName {
    std::int64_t type;
    std::string_view name;
};
constexpr std::array proto_names{
    ProtoName{type::rtcp, "rtcp"}, ProtoName{34, "rtpagent"},   ProtoName{type::report, "rtcpxr"},
    ProtoName{38, "horaclifix"},   ProtoName{type::dns, "dns"}, ProtoName{type::log, "log"},
};

std::int64_t type_of(const Record& record) {
    if (record.kind == record::kind::sip) return type::sip;
    if (record.kind == record::kind::rtcp) return type::rtcp;
    const std::int64_t otherwise = record.kind == record::kind::log ? type::log : type::report;
    return record.hep_proto.value_or(otherwise);
}

// IP protocol numbers; what is encrypted or framed in TCP is TCP.
std::int64_t ip_protocol(std::string_view transport) {
    if (transport == "sctp") return 132;
    return transport == "udp" || transport.empty() ? 17 : 6;
}

std::string_view cseq_method(const Record& record) {
    if (!record.cseq_method.empty()) return record.cseq_method;
    return record.method;
}

// Quotes, backslashes and control characters as JSON has them, but NUL, which waits to be replaced.
void append_json(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (octet < 0x20 && octet != 0) {
            out += "\\u00";
            out += digits[octet >> 4];
            out += digits[octet & 15];
        } else {
            out += c;
        }
    }
}

void add_number(std::string& json, std::string_view key, std::int64_t number) {
    fmt::format_to(std::back_inserter(json), R"({}"{}":{})", json.size() > 1 ? "," : "", key, number);
}

std::int64_t port_of(record::Integer port) { return std::clamp<std::int64_t>(port.value_or(0), 0, 65'535); }

std::string_view first_of(std::string_view a, std::string_view b) { return a.empty() ? b : a; }

}  // namespace

std::span<const std::string_view> homer7_tables() { return tables; }

std::vector<std::string> homer7_partition_patterns() {
    std::vector<std::string> patterns;
    for (const std::string_view table : tables) patterns.push_back(std::string(table) + "_%Y%m%d_%H%M");
    return patterns;
}

std::string_view homer7_table(const Record& record) {
    switch (type_of(record)) {
        case type::sip: {
            const std::string_view method = cseq_method(record);
            if (method == "REGISTER") return "hep_proto_1_registration";
            const bool is_call = std::ranges::find(call_methods, method) != call_methods.end();
            return is_call ? "hep_proto_1_call" : "hep_proto_1_default";
        }
        case type::rtcp: return "hep_proto_5_default";
        case type::dns: return "hep_proto_53_default";
        case type::isup: return "hep_proto_54_default";
        case type::log: return "hep_proto_100_default";
        default: return "hep_proto_35_default";
    }
}

void Homer7Row::make(const Record& record) {
    const std::int64_t type = type_of(record);
    make_create_date(record.micro_ts.value_or(0));
    make_protocol_header(record, type);
    raw_ = record.msg.empty() ? record.data.text : record.msg;
    data_header_ = "{";
    if (type == type::isup) {
        make_isup_header(record);
    } else if (type == type::sip && record.kind == record::kind::sip) {
        sid_ = fitting("sid", record.callid);
        make_sip_header(record);
    } else {
        sid_ = fitting("sid", first_of(record.correlation_id, record.callid));
        make_other_header(record, type);
    }
    data_header_ += '}';
}

void Homer7Row::make_create_date(std::int64_t micro_ts) {
    using namespace std::chrono;
    const sys_time<microseconds> moment{microseconds{micro_ts}};
    const auto midnight = floor<days>(moment);
    const year_month_day date{midnight};
    const hh_mm_ss time{moment - midnight};
    // The loader gives no table to times of no calendar; whoever asks nevertheless gets one of four digits.
    const int year = std::clamp(static_cast<int>(date.year()), 1, 9999);
    create_date_.clear();
    fmt::format_to(std::back_inserter(create_date_), "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", year,
                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                   time.hours().count(), time.minutes().count(), time.seconds().count(),
                   time.subseconds().count());
}

void Homer7Row::make_protocol_header(const Record& record, std::int64_t type) {
    constexpr std::int64_t million = 1'000'000;
    const std::int64_t micro_ts = record.micro_ts.value_or(0);
    const std::int64_t micros = (micro_ts % million + million) % million;
    std::string& json = protocol_header_;
    json = "{";
    add_number(json, "protocolFamily", record.source_ip.find(':') != std::string_view::npos ? 10 : 2);
    add_number(json, "protocol", ip_protocol(record.transport));
    add_text(json, "srcIp", record.source_ip);
    add_text(json, "dstIp", record.destination_ip);
    add_number(json, "srcPort", port_of(record.source_port));
    add_number(json, "dstPort", port_of(record.destination_port));
    add_number(json, "timeSeconds", (micro_ts - micros) / million);
    add_number(json, "timeUseconds", micros);
    add_number(json, "payloadType", type);
    const std::string id = record.hep_agent_id.present() ? fmt::format("{}", record.hep_agent_id.value) : "";
    add_text(json, "captureId", first_of(record.hep_node, first_of(id, record.node)));
    // What joins a leg to the other one: Homer looks for calls of that Call-ID.  One's own says less.
    const bool is_own = record.correlation_id == record.callid;
    const std::string_view other =
        is_own ? first_of(record.callid_aleg, record.callid) : record.correlation_id;
    add_text(json, "correlation_id", first_of(other, record.callid_aleg));
    json += '}';
}

void Homer7Row::make_sip_header(const Record& r) {
    struct Key {
        std::string_view name;
        std::string_view text;
    };
    const std::array always{
        Key{"ruri_user", r.ruri_user}, Key{"ruri_domain", r.ruri_domain},
        Key{"from_user", r.from_user}, Key{"from_tag", r.from_tag},
        Key{"to_user", r.to_user},     Key{"to_tag", r.to_tag},
        Key{"callid", r.callid},       Key{"cseq", r.cseq},
        Key{"method", r.method},       Key{"user_agent", r.user_agent},
    };
    const std::string expires = r.expires.present() ? fmt::format("{}", r.expires.value) : "";
    const std::array if_any{
        Key{"from_domain", r.from_domain},
        Key{"to_domain", r.to_domain},
        Key{"via", r.via_1},
        Key{"contact_user", r.contact_user},
        Key{"contact_domain", r.contact_ip},
        Key{"pid_user", r.pid_user},
        Key{"auth_user", r.auth_user},
        Key{"server", r.server},
        Key{"content_type", r.content_type},
        Key{"reason", r.reason},
        Key{"diversion", r.diversion},
        Key{"expires", expires},
        Key{"callid_aleg", r.callid_aleg},
        Key{"reply_reason", r.reply_reason},
        Key{"custom_field1", r.custom_field1},
        Key{"custom_field2", r.custom_field2},
        Key{"custom_field3", r.custom_field3},
    };
    for (const Key& key : always) add_text(data_header_, key.name, key.text);
    for (const Key& key : if_any) {
        if (!key.text.empty()) add_text(data_header_, key.name, key.text);
    }
}

void Homer7Row::make_isup_header(const Record& record) {
    const record::Isup isup = record::read_isup(raw_);
    sid_ = fitting("sid", isup.call);
    add_number(data_header_, "cic", isup.cic);
    add_number(data_header_, "dpc", isup.dpc);
    add_number(data_header_, "opc", isup.opc);
    add_text(data_header_, "msg_name", isup.msg_name);
    add_text(data_header_, "called_number", isup.called_number);
    add_text(data_header_, "calling_number", isup.calling_number);
    add_text(data_header_, "callid", isup.call);
    if (!record.node.empty()) add_text(data_header_, "node", record.node);
}

void Homer7Row::make_other_header(const Record& record, std::int64_t type) {
    const auto* const known = std::ranges::find(proto_names, type, &ProtoName::type);
    add_text(data_header_, "node", first_of(record.hep_node, record.node));
    add_text(data_header_, "proto",
             known == proto_names.end() ? fmt::format("{}", type) : std::string(known->name));
}

std::string_view Homer7Row::fitting(std::string_view key, std::string_view text) {
    if (text.size() <= most_characters) return text;
    // Octets that are no text become a character each.
    const std::string_view cut =
        is_storable_text(text) ? cut_to_characters(text, most_characters) : text.substr(0, most_characters);
    if (cut.size() < text.size()) count(cut_, key);
    return cut;
}

void Homer7Row::add_text(std::string& json, std::string_view key, std::string_view text) {
    if (json.size() > 1) json += ',';
    json += '"';
    json += key;
    json += "\":\"";
    append_json(json, fitting(key, text));
    json += '"';
}

}  // namespace hepcap::sink
