#include "select/table_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/error.hpp"
#include "base/excerpt.hpp"

namespace hepcap::select {
namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t day_us = 86'400 * second_us;
constexpr std::int64_t first_plausible_us = 946'684'800 * second_us;  // 2000-01-01 00:00:00
constexpr std::int64_t end_of_time_us = 253'402'300'800 * second_us;  // 10000-01-01 00:00:00

struct Code {
    char letter;
    std::uint8_t longest;    // characters, for years 1970 to 9999 and the names of the C locale
    std::int64_t period_us;  // how long its expansion stays the same
};

constexpr Code codes[] = {
    {'Y', 4, day_us},
    {'C', 2, day_us},
    {'y', 2, day_us},
    {'G', 4, day_us},
    {'g', 2, day_us},
    {'m', 2, day_us},
    {'b', 3, day_us},
    {'h', 3, day_us},
    {'B', 9, day_us},
    {'d', 2, day_us},
    {'j', 3, day_us},
    {'F', 10, day_us},
    {'U', 2, day_us},
    {'V', 2, day_us},
    {'W', 2, day_us},
    {'a', 3, day_us},
    {'A', 9, day_us},
    {'u', 1, day_us},
    {'w', 1, day_us},
    {'H', 2, 3'600 * second_us},
    {'I', 2, 3'600 * second_us},
    {'p', 2, 3'600 * second_us},
    {'M', 2, 60 * second_us},
    {'S', 2, second_us},
};

bool may_begin(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool may_follow(char c) { return may_begin(c) || c == '.' || c == '$' || c == '-'; }

const Code& code_at(std::string_view pattern, std::size_t percent) {
    const auto* const found = percent + 1 < pattern.size()
                                  ? std::ranges::find(codes, pattern[percent + 1], &Code::letter)
                                  : std::end(codes);
    if (found != std::end(codes)) return *found;
    throw Error(fmt::format("table name {}: {} makes no characters of a table name; the codes that do are "
                            "%Y %m %d %H %M %S %j %y %C %G %g %V %U %W %F %b %h %B %a %A %u %w %I %p",
                            excerpt(pattern), excerpt(pattern.substr(percent, 2))),
                ExitCode::usage);
}

}  // namespace

std::string_view name(TableCause cause) {
    switch (cause) {
        case TableCause::no_time: return "no-time";
        case TableCause::impossible_time: return "impossible-time";
    }
    return {};
}

bool is_plausible_table_time(std::int64_t micro_ts, Timestamp now) {
    return micro_ts >= first_plausible_us && micro_ts <= now.micros() + 2 * day_us;
}

TableName::TableName(std::string_view pattern) : pattern_(pattern) {
    if (pattern.empty())
        throw Error("a table name is empty; name a table, or several joined by |", ExitCode::usage);
    std::size_t longest = 0;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        if (c == '%') {
            const Code& code = code_at(pattern, at);
            longest += code.longest;
            period_us_ = period_us_ == 0 ? code.period_us : std::min(period_us_, code.period_us);
            ++at;
        } else if (at == 0 ? may_begin(c) : may_follow(c)) {
            ++longest;
        } else {
            throw Error(fmt::format("table name {}: {} may not stand {}; letters, digits and _ may, and . $ "
                                    "- after the first",
                                    excerpt(pattern), excerpt({&c, 1}), at == 0 ? "first in it" : "in it"),
                        ExitCode::usage);
        }
    }
    if (longest > max_length) {
        throw Error(
            fmt::format(
                "table name {}: it may become {} characters long, more than the {} that every database takes",
                excerpt(pattern), longest, max_length),
            ExitCode::usage);
    }
}

Result<std::string_view, TableCause> TableName::expand(const record::Record& record) {
    if (!follows_time()) return std::string_view(pattern_);
    if (!record.micro_ts.present()) return Unexpected{TableCause::no_time};
    const std::int64_t micros = record.micro_ts.value;
    if (micros < 0 || micros >= end_of_time_us) return Unexpected{TableCause::impossible_time};

    const std::int64_t period = micros / period_us_;
    if (period != expanded_period_) {
        const auto seconds = static_cast<std::time_t>(micros / second_us);
        std::tm utc{};
        gmtime_r(&seconds, &utc);
        expanded_length_ = std::strftime(expanded_.data(), expanded_.size(), pattern_.c_str(), &utc);
        expanded_period_ = period;
    }
    return std::string_view(expanded_.data(), expanded_length_);
}

}  // namespace hepcap::select
