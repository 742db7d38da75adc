#include "report/vq_report.hpp"

#include <algorithm>
#include <string>

namespace hepcap::report {
namespace {

// A report has some thirty lines.
constexpr std::size_t most_lines = 256;

std::string_view trimmed(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// Texts of these lines may hold a = themselves.
bool is_plain_line(std::string_view name) {
    return name.ends_with("ID") || name.ends_with("Group") || name.ends_with("MAC");
}

// "RTD=200 ESD=140"; a value in quotes may hold blanks.
Data parse_pairs(std::string_view text) {
    Data pairs = Data::object();
    while (!(text = trimmed(text)).empty()) {
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) return pairs;
        const std::string name(trimmed(text.substr(0, equals)));
        text.remove_prefix(equals + 1);
        const bool is_quoted = text.starts_with('"');
        if (is_quoted) text.remove_prefix(1);
        const std::size_t end = std::min(text.find(is_quoted ? '"' : ' '), text.size());
        pairs[name] = std::string(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return pairs;
}

}  // namespace

bool is_vq_report(std::string_view text) { return text.starts_with("VQ"); }

Data parse_vq_report(std::string_view body) {
    Data report = Data::object();
    std::string section;
    for (std::size_t count = 0; count < most_lines && !body.empty(); ++count) {
        const std::size_t end = std::min(body.find('\n'), body.size());
        const std::string_view line = trimmed(body.substr(0, end));
        body.remove_prefix(std::min(end + 1, body.size()));
        const std::size_t colon = line.find(':');
        if (colon == 0 || colon == std::string_view::npos) continue;
        const std::string name(trimmed(line.substr(0, colon)));
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (value.empty() && name.ends_with("Metrics")) {
            section = name;
            continue;
        }
        Data& place = section.empty() ? report : report[section];
        const bool has_pairs = !is_plain_line(name) && value.find('=') != std::string_view::npos;
        place[name] = has_pairs ? parse_pairs(value) : Data(std::string(value));
    }
    return report;
}

}  // namespace hepcap::report
