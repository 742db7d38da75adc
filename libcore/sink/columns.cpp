#include "sink/columns.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

#include "base/ascii.hpp"
#include "base/endpoint.hpp"
#include "base/timestamp.hpp"
#include "record/fields.hpp"
#include "record/uid.hpp"

namespace hepcap::sink {
namespace {

using record::Record;

// The module's SQL (schema of Homer 5), then uid.
constexpr std::array sip_capture_columns{
    Column{"date", Derived::date},
    Column{"micro_ts", &Record::micro_ts},
    Column{"method", &Record::method},
    Column{"reply_reason", &Record::reply_reason},
    Column{"ruri", &Record::ruri},
    Column{"ruri_user", &Record::ruri_user},
    Column{"ruri_domain", &Record::ruri_domain},
    Column{"from_user", &Record::from_user},
    Column{"from_domain", &Record::from_domain},
    Column{"from_tag", &Record::from_tag},
    Column{"to_user", &Record::to_user},
    Column{"to_domain", &Record::to_domain},
    Column{"to_tag", &Record::to_tag},
    Column{"pid_user", &Record::pid_user},
    Column{"contact_user", &Record::contact_user},
    Column{"auth_user", &Record::auth_user},
    Column{"callid", &Record::callid},
    Column{"callid_aleg", &Record::callid_aleg},
    Column{"via_1", &Record::via_1},
    Column{"via_1_branch", &Record::via_1_branch},
    Column{"cseq", &Record::cseq},
    Column{"diversion", &Record::diversion},
    Column{"reason", &Record::reason},
    Column{"content_type", &Record::content_type},
    Column{"auth", Derived::auth},
    Column{"user_agent", &Record::user_agent},
    Column{"source_ip", &Record::source_ip},
    Column{"source_port", &Record::source_port},
    Column{"destination_ip", &Record::destination_ip},
    Column{"destination_port", &Record::destination_port},
    Column{"contact_ip", &Record::contact_ip},
    Column{"contact_port", &Record::contact_port},
    Column{"originator_ip", &Record::originator_ip},
    Column{"originator_port", &Record::originator_port},
    Column{"correlation_id", Derived::correlation_id},
    Column{"custom_field1", &Record::custom_field1},
    Column{"custom_field2", &Record::custom_field2},
    Column{"custom_field3", &Record::custom_field3},
    Column{"proto", Derived::proto},
    Column{"family", Derived::family},
    Column{"rtp_stat", &Record::rtp_stat},
    Column{"type", Derived::type},
    Column{"node", &Record::node},
    Column{"msg", &Record::msg},
    Column{"uid", Derived::uid},
};

constexpr std::array report_capture_columns{
    Column{"date", Derived::date},
    Column{"micro_ts", &Record::micro_ts},
    Column{"correlation_id", Derived::correlation_id},
    Column{"source_ip", &Record::source_ip},
    Column{"source_port", &Record::source_port},
    Column{"destination_ip", &Record::destination_ip},
    Column{"destination_port", &Record::destination_port},
    Column{"proto", Derived::proto},
    Column{"family", Derived::family},
    Column{"type", Derived::type},
    Column{"node", &Record::node},
    Column{"msg", Derived::payload},
    Column{"uid", Derived::uid},
};

constexpr Column record_column(const record::FieldRef& field) {
    if (field.name == "uid") return {field.name, Derived::uid};
    return std::visit([&](auto member) { return Column{field.name, member}; }, field.member);
}

constexpr std::array record_columns = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array{record_column(record::field_refs[I])..., Column{"extra", &Record::extra}};
}
(std::make_index_sequence<record::field_count>{});

constexpr std::array homer7_columns{
    Column{"sid", Derived::homer7},
    Column{"create_date", Derived::homer7},
    Column{"protocol_header", Derived::homer7},
    Column{"data_header", Derived::homer7},
    Column{"raw", Derived::homer7},
    Column{"uid", Derived::uid},
};
static_assert(homer7_columns[homer7_time_column].name == "create_date");

// Two digits, counted back from `end`.
void put_digits(char* out, unsigned number, std::size_t count) {
    while (count > 0) {
        out[--count] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
}

// These have no branches: what a record has and what it has not changes from one to the next.
Value to_value(record::Text text) {
    Value value;
    value.data = text.data();
    value.size = static_cast<std::uint32_t>(text.size());
    value.type = text.empty() ? Value::Type::absent : Value::Type::text;
    return value;
}

Value to_value(const record::Json& json) { return to_value(json.text); }

Value to_value(record::Integer number) {
    Value value;
    value.integer = number.value;
    value.type = number.present() ? Value::Type::integer : Value::Type::absent;
    return value;
}

Value to_value(record::Boolean truth) {
    Value value;
    value.integer = truth.value > 0 ? 1 : 0;
    value.type = truth.present() ? Value::Type::integer : Value::Type::absent;
    return value;
}

Value to_value(record::Real real) {
    Value value;
    value.real = real.value;
    value.type = real.present() ? Value::Type::real : Value::Type::absent;
    return value;
}

// Linux's address family constants, which the column `family` holds on every system.
std::int64_t family_of(std::string_view address) {
    constexpr std::int64_t inet = 2;
    constexpr std::int64_t inet6 = 10;
    if (address.find(':') != std::string_view::npos) return inet6;
    return address.empty() ? 0 : inet;
}

// Digits where a message without Request-URI has its method are a status code, however many.
bool is_status_code(std::string_view method) {
    return !method.empty() && std::ranges::all_of(method, is_digit);
}

bool is_uid(std::string_view text) {
    const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
    return text.size() == 16 && std::ranges::all_of(text, is_hex);
}

IpAddress address_of(std::string_view text) {
    std::array<char, IpAddress::max_text> name{};
    std::array<std::uint8_t, 16> octets{};
    if (text.size() >= name.size()) return {};
    std::ranges::copy(text, name.begin());
    if (inet_pton(AF_INET, name.data(), octets.data()) == 1) return IpAddress::v4(octets.data());
    if (inet_pton(AF_INET6, name.data(), octets.data()) == 1) return IpAddress::v6(octets.data());
    return {};
}

// The numbers of the column `type`.  Kamailio stores a report of HEP protocol type 32 as 2, which in SIP
// tables means a reply, and one of type 99 as 4.
std::int64_t type_of(const Record& record) {
    constexpr std::int64_t vq_report = 99;
    if (record.kind == record::kind::rtcp) return 3;
    if (record.kind == record::kind::report) return record.hep_proto.value == vq_report ? 4 : 2;
    if (record.kind == record::kind::log) return 5;
    if (record.status.present()) return 2;
    return record.ruri.empty() && is_status_code(record.method) ? 2 : 1;
}

}  // namespace

std::optional<Schema> schema_from_name(std::string_view name) {
    if (name == "sipcapture") return Schema::sipcapture;
    if (name == "homer5") return Schema::homer5;
    if (name == "record") return Schema::record;
    if (name == "homer7") return Schema::homer7;
    return std::nullopt;
}

std::optional<Layout> layout_for(Schema schema, std::string_view kind) {
    using namespace record;
    if (schema == Schema::record) return kind == kind::eof ? std::nullopt : std::optional(Layout::record);
    const bool is_hep = kind == kind::sip || kind == kind::rtcp || kind == kind::report ||
                        kind == kind::log || kind == kind::hep;
    if (schema == Schema::homer7) return is_hep ? std::optional(Layout::homer7) : std::nullopt;
    if (kind == kind::sip) return Layout::sip_capture;
    if (kind == kind::rtcp || kind == kind::report || kind == kind::log) return Layout::report_capture;
    return std::nullopt;
}

std::string_view default_table(Schema schema, std::string_view kind) {
    if (schema == Schema::record) return "record";
    if (kind == record::kind::rtcp) return "rtcp_capture";
    if (kind == record::kind::report) return "report_capture";
    if (kind == record::kind::log) return "logs_capture";
    return "sip_capture";
}

std::string_view prescribed_table(Schema schema, const Record& record) {
    if (schema == Schema::homer7) return homer7_table(record);
    if (schema != Schema::record && record.kind != record::kind::sip)
        return default_table(schema, record.kind);
    return {};
}

std::span<const Column> columns(Layout layout) {
    switch (layout) {
        case Layout::sip_capture: return sip_capture_columns;
        case Layout::report_capture: return report_capture_columns;
        case Layout::record: return record_columns;
        case Layout::homer7: return homer7_columns;
    }
    return {};
}

std::string_view sql_file(Layout layout) {
    switch (layout) {
        case Layout::sip_capture: return "sip_capture.sql";
        case Layout::report_capture: return "report_capture.sql";
        case Layout::record: return "record.sql";
        case Layout::homer7: return "homer7.sql";
    }
    return {};
}

// One statement a column, put together by the compiler.
template <const auto& Columns>
void RowValues::make_all(const Record& record, Value* row) {
    const auto make_one = [&]<std::size_t I>() {
        constexpr Column::Source source = Columns[I].source;
        constexpr auto what = std::get<source.index()>(source);
        if constexpr (std::is_same_v<decltype(what), const Derived>) {
            row[I] = derive(what, record);
        } else {
            row[I] = to_value(record.*what);
        }
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) { (make_one.template operator()<I>(), ...); }
    (std::make_index_sequence<Columns.size()>{});
}

void RowValues::make(Layout layout, const Record& record, Value* row) {
    switch (layout) {
        case Layout::sip_capture: return make_all<sip_capture_columns>(record, row);
        case Layout::report_capture: return make_all<report_capture_columns>(record, row);
        case Layout::record: return make_all<record_columns>(record, row);
        case Layout::homer7: return make_homer7(record, row);
    }
}

void RowValues::make_homer7(const Record& record, Value* row) {
    homer7_.make(record);
    // Not one of them may be NULL: an empty text is one here.
    const auto text = [](std::string_view t) {
        Value value = to_value(t);
        value.type = Value::Type::text;
        return value;
    };
    row[0] = text(homer7_.sid());
    row[1] = text(homer7_.create_date());
    row[2] = text(homer7_.protocol_header());
    row[3] = text(homer7_.data_header());
    row[4] = text(homer7_.raw());
    row[5] = to_value(uid_text(record));
}

Value RowValues::derive(Derived what, const Record& record) {
    switch (what) {
        case Derived::date:
            return record.micro_ts.present() ? to_value(date_text(record.micro_ts.value)) : Value{};
        case Derived::proto:
            return to_value(
                record::Integer(static_cast<std::int64_t>(transport_from_name(record.transport))));
        case Derived::family: return to_value(record::Integer(family_of(record.source_ip)));
        case Derived::type: return to_value(record::Integer(type_of(record)));
        case Derived::correlation_id:
            return to_value(record.correlation_id.empty() ? record.callid : record.correlation_id);
        case Derived::auth: return Value{};
        case Derived::uid: return to_value(uid_text(record));
        case Derived::payload: return to_value(record.msg.empty() ? record.data.text : record.msg);
        case Derived::homer7: break;
    }
    return Value{};
}

std::string_view RowValues::uid_text(const Record& record) {
    // One that is none of ours could be the same for different records, and one of them would be lost.
    if (is_uid(record.uid)) return record.uid;
    const auto port = [](record::Integer number) { return static_cast<std::uint16_t>(number.value_or(0)); };
    const std::int64_t micro_ts = record.micro_ts.value_or(0);
    const std::uint64_t hash =
        record::make_uid(Timestamp::from_parts(micro_ts / 1'000'000, micro_ts % 1'000'000 * 1'000),
                         {address_of(record.source_ip), port(record.source_port)},
                         {address_of(record.destination_ip), port(record.destination_port)},
                         as_bytes(record.msg.empty() ? record.data.text : record.msg));
    uid_ = record::uid_text(hash);
    return {uid_.data(), uid_.size()};
}

std::string_view RowValues::date_text(std::int64_t micro_ts) {
    constexpr std::int64_t micros = 1'000'000;
    const std::int64_t second = micro_ts / micros - (micro_ts % micros < 0 ? 1 : 0);
    if (second != date_second_) {
        using namespace std::chrono;
        const sys_seconds moment{seconds{second}};
        const auto day = floor<days>(moment);
        const year_month_day date{day};
        const hh_mm_ss time{moment - day};
        // Records of others may say any number of microseconds; a year has four digits here.
        const int year = std::clamp(static_cast<int>(date.year()), 0, 9999);
        constexpr std::string_view form = "0000-00-00 00:00:00";
        std::ranges::copy(form, date_.begin());
        put_digits(&date_[0], static_cast<unsigned>(year), 4);
        put_digits(&date_[5], static_cast<unsigned>(date.month()), 2);
        put_digits(&date_[8], static_cast<unsigned>(date.day()), 2);
        put_digits(&date_[11], static_cast<unsigned>(time.hours().count()), 2);
        put_digits(&date_[14], static_cast<unsigned>(time.minutes().count()), 2);
        put_digits(&date_[17], static_cast<unsigned>(time.seconds().count()), 2);
        date_second_ = second;
    }
    return {date_.data(), date_.size()};
}

}  // namespace hepcap::sink
