#include "record/time_text.hpp"

#include <chrono>
#include <cstddef>

namespace hepcap::record {
namespace {

// The number in the `count` digits at `at`, or -1.
int digits_at(std::string_view text, std::size_t at, std::size_t count) {
    if (at > text.size() || text.size() - at < count) return -1;
    int number = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') return -1;
        number = number * 10 + (c - '0');
    }
    return number;
}

bool in_range(int number, int low, int high) { return number >= low && number <= high; }

// "Z" or "+hh:mm": the seconds by which local time is ahead of UTC.
std::optional<int> parse_offset(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
    const int hours = digits_at(text, 1, 2);
    const int minutes = digits_at(text, 4, 2);
    if (!in_range(hours, 0, 23) || !in_range(minutes, 0, 59)) return std::nullopt;
    const int seconds = hours * 3600 + minutes * 60;
    return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

// 2025-11-24T16:05:47.712782Z
// 0    5  8  11 14 17 19
std::optional<Timestamp> parse_time(std::string_view text) {
    const int year = digits_at(text, 0, 4);
    const int month = digits_at(text, 5, 2);
    const int day = digits_at(text, 8, 2);
    const int hour = digits_at(text, 11, 2);
    const int minute = digits_at(text, 14, 2);
    const int second = digits_at(text, 17, 2);
    if (year < 0 || !in_range(hour, 0, 23) || !in_range(minute, 0, 59) || !in_range(second, 0, 60)) {
        return std::nullopt;
    }
    if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return std::nullopt;
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
    using namespace std::chrono;
    const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                              std::chrono::day{static_cast<unsigned>(day)}};
    if (month < 0 || day < 0 || !date.ok()) return std::nullopt;

    std::size_t at = 19;
    std::int64_t fraction_ns = 0;
    if (at < text.size() && text[at] == '.') {
        const std::size_t first = ++at;
        std::int64_t unit = 100'000'000;
        for (; digits_at(text, at, 1) >= 0; ++at, unit /= 10) fraction_ns += unit * digits_at(text, at, 1);
        if (at == first) return std::nullopt;
    }
    const std::optional<int> offset = parse_offset(text.substr(at));
    if (!offset) return std::nullopt;
    const std::int64_t days = sys_days{date}.time_since_epoch().count();
    return Timestamp::from_parts(days * 86400 + hour * 3600 + minute * 60 + second - *offset, fraction_ns);
}

}  // namespace hepcap::record
