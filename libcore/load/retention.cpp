#include "load/retention.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "select/table_period.hpp"

namespace hepcap::load {
namespace {

std::chrono::hours parse_age(std::string_view text) {
    constexpr int most = 1'000'000;  // hours, days or weeks: longer than anybody keeps anything
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const int hours = unit == "h" ? 1 : unit == "d" ? 24 : unit == "w" ? 24 * 7 : 0;
    if (error != std::errc() || number < 1 || number > most || hours == 0) {
        throw Error(fmt::format("--retention: {} is no age; write a number and h, d or w behind it, e.g. 7d",
                                excerpt(text)),
                    ExitCode::usage);
    }
    return std::chrono::hours(std::int64_t{number} * hours);
}

// The codes of strftime(3) with which a name says the year.
bool tells_year(std::string_view pattern) {
    constexpr std::string_view years = "YyGgF";
    for (std::size_t at = pattern.find('%'); at != std::string_view::npos; at = pattern.find('%', at + 2)) {
        if (at + 1 < pattern.size() && years.find(pattern[at + 1]) != std::string_view::npos) return true;
    }
    return false;
}

}  // namespace

Retention::Retention(std::string_view age, const std::vector<std::string_view>& patterns,
                     std::chrono::hours beyond)
    : age_(parse_age(age) + beyond) {
    for (const std::string_view pattern : patterns) {
        if (tells_year(pattern)) patterns_.emplace_back(pattern);
    }
    if (patterns_.empty()) {
        throw Error(
            "--retention: no table name tells a date with its year, so nothing would ever be dropped; "
            "let names follow the time, e.g. --table 'sip_capture_%Y%m%d'",
            ExitCode::usage);
    }
}

std::vector<std::string> Retention::choose(const std::vector<std::string>& tables, Timestamp now) const {
    const std::int64_t limit_us = now.micros() - std::chrono::microseconds(age_).count();
    std::vector<std::string> chosen;
    for (const std::string& table : tables) {
        const auto is_old = [&](const std::string& pattern) {
            const auto period = select::period_of_table(pattern, table);
            return period && period->end_us <= limit_us;
        };
        // A name that one pattern takes for old may be another's, and young: that one is believed.
        const auto is_young = [&](const std::string& pattern) {
            const auto period = select::period_of_table(pattern, table);
            return period && period->end_us > limit_us;
        };
        if (std::ranges::any_of(patterns_, is_old) && std::ranges::none_of(patterns_, is_young))
            chosen.push_back(table);
    }
    return chosen;
}

}  // namespace hepcap::load
