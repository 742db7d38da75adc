#include "report/capture.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <variant>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "base/nearest.hpp"
#include "base/timestamp.hpp"
#include "record/extra_member.hpp"
#include "record/fields.hpp"

namespace hepcap::report {
namespace {

using record::Record;

constexpr std::string_view data_prefix = "data.";

// JSON of others may be nested without end, and is written by a function that calls itself.
constexpr std::size_t deepest = 64;

bool is_shallow(std::string_view json) {
    std::size_t depth = 0;
    for (const char c : json) {
        if ((c == '{' || c == '[') && ++depth > deepest) return false;
        if ((c == '}' || c == ']') && depth > 0) --depth;
    }
    return true;
}

// The object, or one that is discarded.
Data parse_object(std::string_view json) {
    const std::size_t first = json.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || json[first] != '{' || !is_shallow(json))
        return Data(Data::value_t::discarded);
    return Data::parse(json, nullptr, false);
}

std::string_view body_of(std::string_view message) {
    for (const std::string_view end : {std::string_view("\r\n\r\n"), std::string_view("\n\n")}) {
        if (const std::size_t at = message.find(end); at != std::string_view::npos)
            return message.substr(at + end.size());
    }
    return {};
}

bool is_published_report(const Record& r) {
    constexpr std::string_view type = "application/vq-rtcpxr";
    const std::string_view start = r.content_type.substr(0, type.size());
    return r.kind == record::kind::sip && r.method == "PUBLISH" &&
           std::ranges::equal(start, type, {}, to_lower, to_lower);
}

const Data* member(const Data& object, std::string_view name) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(std::string(name));
    return found == object.end() ? nullptr : &*found;
}

// A number, also one that is written as a text.
std::optional<double> number_of(const Data* value) {
    if (value == nullptr) return std::nullopt;
    double number = 0;
    if (value->is_number()) {
        number = value->get<double>();
    } else if (value->is_string()) {
        const auto& text = value->get_ref<const std::string&>();
        const char* const last = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data(), last, number);
        if (error != std::errc() || end != last) return std::nullopt;
    } else {
        return std::nullopt;
    }
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<double> first_number(const Data& object, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        if (const auto number = number_of(member(object, name))) return number;
    }
    return std::nullopt;
}

void set(record::Real& field, std::optional<double> number) {
    if (!field.present() && number) field = record::Real(*number);
}
void set(record::Integer& field, std::optional<double> number) {
    if (!field.present() && number && std::abs(*number) < 9e15) field = std::llround(*number);
}

std::string text_of(const Data& value) {
    return value.is_string() ? value.get<std::string>()
                             : value.dump(-1, ' ', false, Data::error_handler_t::replace);
}

std::string text_of_field(const Record& r, std::string_view name) {
    const auto index = record::find_field(name);
    if (!index) return {};
    return std::visit(
        [&](auto field) -> std::string {
            const auto& value = r.*field;
            if constexpr (requires { value.text; }) {
                return std::string(value.text);
            } else if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, record::Text>) {
                return std::string(value);
            } else {
                return value.present() ? fmt::format("{}", value.value) : std::string();
            }
        },
        record::field_refs[*index].member);
}

}  // namespace

Capture::Capture(const CaptureOptions& options) : table_(options.table), cid_(options.cid) {
    if (!cid_.empty() && !cid_.starts_with(data_prefix) && !record::find_field(cid_)) {
        std::vector<std::string_view> names;
        for (const auto& field : record::field_refs) names.push_back(field.name);
        throw Error(fmt::format("--cid: {} is no key of a record, nor data.KEY of its data{}", excerpt(cid_),
                                did_you_mean(cid_, names)),
                    ExitCode::usage);
    }
    if (options.data.empty()) return;
    custom_ = parse_object(options.data);
    if (!custom_.is_object())
        throw Error("--data: this is no JSON object; write e.g. '{\"mos\": 4.1}'", ExitCode::usage);
}

const Record* Capture::make(const Record& source) {
    const bool is_published = is_published_report(source);
    const bool has_report = source.kind == record::kind::rtcp || source.kind == record::kind::report ||
                            source.kind == record::kind::log;
    if (!is_published && !has_report) return nullptr;
    report_ = source;
    report_.kind = record::kind::report;
    find_data(source);
    find_correlation(source, is_published);
    lift();
    if (!data_.empty()) {
        data_text_ = data_.dump(-1, ' ', false, Data::error_handler_t::replace);
        report_.data = {data_text_};
    }
    // The module stores the data it is given in place of the message.
    if (custom_.is_object()) report_.msg = {};
    if (!table_.empty()) {
        extra_ = record::with_extra_text(source.extra, "table", table_);
        report_.extra = {extra_};
    }
    // A report that is another record than its source has another identity, the same each time.
    if (source.kind != record::kind::report || custom_.is_object()) {
        const std::string told =
            fmt::format("report {} {} {} {}", source.uid, correlation_, data_text_, source.msg);
        uid_ = record::uid_text(
            record::make_uid(Timestamp{source.micro_ts.value_or(0) * 1'000}, {}, {}, as_bytes(told)));
        report_.uid = {uid_.data(), uid_.size()};
    }
    return &report_;
}

// The sender's data as an object, then the user's, which take the place of equal ones.
void Capture::find_data(const Record& source) {
    const std::string_view payload = source.kind == record::kind::sip ? body_of(source.msg) : source.msg;
    data_text_.clear();
    data_ = parse_object(source.data.text.empty() ? payload : source.data.text);
    if (!data_.is_object()) {
        data_ = is_vq_report(payload) ? parse_vq_report(payload) : Data::object();
        // What would be stored nowhere else, where the user's data take the place of the message.
        if (data_.empty() && custom_.is_object() && !payload.empty()) data_["msg"] = std::string(payload);
    }
    if (custom_.is_object()) data_.update(custom_, false);
}

void Capture::find_correlation(const Record& source, bool is_published) {
    correlation_.clear();
    if (cid_.starts_with(data_prefix)) {
        if (const Data* const value = member(data_, std::string_view(cid_).substr(data_prefix.size())))
            correlation_ = text_of(*value);
    } else if (!cid_.empty()) {
        correlation_ = text_of_field(source, cid_);
    }
    if (correlation_.empty() && is_published) {
        if (const Data* const value = member(data_, "CallID")) correlation_ = text_of(*value);
    }
    if (correlation_.empty())
        correlation_ = source.correlation_id.empty() ? source.callid : source.correlation_id;
    report_.correlation_id = correlation_;
}

void Capture::lift() {
    lift_from_blocks();
    set(report_.mos, first_number(data_, {"mos", "MOS", "MEAN_MOS", "mos_lq"}));
    set(report_.lost, first_number(data_, {"lost", "PACKET_LOSS", "packets_lost"}));
    set(report_.jitter_ms, first_number(data_, {"jitter_ms", "JITTER", "MEAN_JITTER"}));
    set(report_.rtt_ms, first_number(data_, {"rtt_ms", "RTT"}));
    const Data* const metrics = member(data_, "LocalMetrics");
    if (metrics == nullptr) return;
    if (const Data* const quality = member(*metrics, "QualityEst"))
        set(report_.mos, first_number(*quality, {"MOSLQ", "MOSCQ"}));
    if (const Data* const delay = member(*metrics, "Delay")) {
        set(report_.jitter_ms, first_number(*delay, {"IAJ"}));
        set(report_.rtt_ms, first_number(*delay, {"RTD"}));
    }
}

// RTCP tells of one stream a block; the first one counts, as in Homer.
void Capture::lift_from_blocks() {
    if (report_.reports.text.empty() || !is_shallow(report_.reports.text)) return;
    const Data blocks = Data::parse(report_.reports.text, nullptr, false);
    if (!blocks.is_array() || blocks.empty()) return;
    const Data& block = blocks.front();
    set(report_.mos, first_number(block, {"mos_lq", "mos_cq"}));
    set(report_.lost, first_number(block, {"lost"}));
    set(report_.jitter_ms, first_number(block, {"jitter_ms"}));
    set(report_.rtt_ms, first_number(block, {"rtt_ms"}));
}

}  // namespace hepcap::report
