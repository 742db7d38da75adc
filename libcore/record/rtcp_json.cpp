#include "record/rtcp_json.hpp"

#include <simdjson.h>

#include <charconv>

namespace hepcap::record {

namespace {

namespace dom = simdjson::dom;

// An integer member, or absent where there is none or it is no integer.
Integer integer_at(const dom::object& object, std::string_view key) {
    std::int64_t value = 0;
    return object[key].get(value) == simdjson::SUCCESS ? Integer{value} : Integer{};
}

void append_member(std::string& out, std::string_view key, Integer value) {
    if (!value.present()) return;
    char digits[24];
    out.append(out.back() == '{' ? "\"" : ",\"").append(key).append("\":");
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value.value).ptr);
}

// The extended report's round trip delay, if it speaks of the source `ssrc`.
Integer round_trip_ms(const dom::object& xr, Integer ssrc) {
    const Integer id = integer_at(xr, "id");
    const Integer delay = integer_at(xr, "round_trip_delay");
    if (!ssrc.present() || id.value != ssrc.value || delay.value_or(0) <= 0) return {};
    return delay;
}

}  // namespace

struct RtcpJsonReader::Parser {
    dom::parser json;
};

RtcpJsonReader::RtcpJsonReader() : parser_(std::make_unique<Parser>()) {}
RtcpJsonReader::~RtcpJsonReader() = default;

std::optional<RtcpReport> RtcpJsonReader::read(std::string_view payload) {
    if (payload.empty()) return std::nullopt;
    dom::object root;
    if (parser_->json.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS)
        return std::nullopt;
    RtcpReport report;
    report.ssrc = integer_at(root, "ssrc");
    report.packet_type = integer_at(root, "type");

    dom::object xr;
    const bool has_xr = root["report_blocks_xr"].get(xr) == simdjson::SUCCESS;
    dom::array blocks;
    if (root["report_blocks"].get(blocks) != simdjson::SUCCESS) return report;
    reports_.assign(1, '[');
    for (const dom::element element : blocks) {
        dom::object block;
        if (element.get(block) != simdjson::SUCCESS) continue;
        const Integer ssrc = integer_at(block, "source_ssrc");
        reports_.append(reports_.size() == 1 ? "{" : ",{");
        append_member(reports_, "ssrc", ssrc);
        append_member(reports_, "fraction_lost", integer_at(block, "fraction_lost"));
        append_member(reports_, "lost", integer_at(block, "packets_lost"));
        append_member(reports_, "highest_seq", integer_at(block, "highest_seq_no"));
        append_member(reports_, "jitter", integer_at(block, "ia_jitter"));
        if (has_xr) append_member(reports_, "rtt_ms", round_trip_ms(xr, ssrc));
        reports_.push_back('}');
    }
    reports_.push_back(']');
    if (reports_.size() > 2) report.reports = {reports_};
    return report;
}

}  // namespace hepcap::record
