#include "select/table_period.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <string>

#include "base/ascii.hpp"
#include "select/table_name.hpp"

namespace hepcap::select {
namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t day_s = 86'400;

// What a name says.  Days are found by trying them, so months, weeks and days of the week need not be
// understood here, only passed over.
struct Parts {
    int year = -1;
    int century = -1;
    int year_of_century = -1;
    int hour = -1;
    int hour_of_twelve = -1;
    int afternoon = -1;
    int minute = -1;
    int second = -1;
};

constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

class NameReader {
public:
    explicit NameReader(std::string_view name) : rest_(name) {}

    // False where the name does not go on as the code demands.
    bool read(char code, Parts& parts) {
        switch (code) {
            case 'Y':
            case 'G': return number(4, parts.year);
            case 'C': return number(2, parts.century);
            case 'y':
            case 'g': return number(2, parts.year_of_century);
            case 'F': return number(4, parts.year) && literal('-') && skip(2) && literal('-') && skip(2);
            case 'j': return skip(3);
            case 'u':
            case 'w': return skip(1);
            case 'H': return number(2, parts.hour);
            case 'I': return number(2, parts.hour_of_twelve);
            case 'M': return number(2, parts.minute);
            case 'S': return number(2, parts.second);
            case 'p':
                if (rest_.starts_with("PM")) parts.afternoon = 1;
                if (rest_.starts_with("AM")) parts.afternoon = 0;
                return skip_letters(2);
            case 'a':
            case 'b':
            case 'h': return skip_letters(3);
            case 'A': return skip_one_of(weekdays);
            case 'B': return skip_one_of(months);
            default: return skip(2);  // m d U V W
        }
    }

    bool literal(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    bool is_at_end() const { return rest_.empty(); }

private:
    bool number(std::size_t digits, int& value) {
        if (rest_.size() < digits || !std::ranges::all_of(rest_.substr(0, digits), is_digit)) return false;
        std::from_chars(rest_.data(), rest_.data() + digits, value);
        rest_.remove_prefix(digits);
        return true;
    }
    bool skip(std::size_t digits) {
        int ignored = 0;
        return number(digits, ignored);
    }
    bool skip_letters(std::size_t count) {
        if (rest_.size() < count) return false;
        rest_.remove_prefix(count);
        return true;
    }
    template <std::size_t N>
    bool skip_one_of(const std::array<std::string_view, N>& words) {
        const auto* const found =
            std::ranges::find_if(words, [&](std::string_view word) { return rest_.starts_with(word); });
        return found != words.end() && skip_letters(found->size());
    }

    std::string_view rest_;
};

std::optional<Parts> read_parts(std::string_view pattern, std::string_view name) {
    Parts parts;
    NameReader reader(name);
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const bool is_code = pattern[at] == '%' && at + 1 < pattern.size();
        if (is_code ? !reader.read(pattern[++at], parts) : !reader.literal(pattern[at])) return std::nullopt;
    }
    if (!reader.is_at_end()) return std::nullopt;
    return parts;
}

// Two digits are of this century: no capture is older than 2000.
int year_of(const Parts& parts) {
    constexpr int this_century = 20;
    if (parts.year >= 0) return parts.year;
    if (parts.year_of_century < 0) return -1;
    return (parts.century >= 0 ? parts.century : this_century) * 100 + parts.year_of_century;
}

// The second of the day, and how long the name stays the same from there on; a whole day where the name
// does not say the hour.
struct PartOfDay {
    std::int64_t second = 0;
    std::int64_t length = day_s;
};

PartOfDay part_of_day(const Parts& parts) {
    const bool has_twelve = parts.hour_of_twelve >= 0 && parts.afternoon >= 0;
    const int hour =
        parts.hour >= 0 || !has_twelve ? parts.hour : parts.hour_of_twelve % 12 + 12 * parts.afternoon;
    PartOfDay part;
    // Codes that tell less than the hour are in the name all the same: it must come out of the second tried.
    const int twelve = std::max(parts.hour_of_twelve, 0) % 12 + 12 * std::max(parts.afternoon, 0);
    part.second =
        (hour >= 0 ? hour : twelve) * 3'600 + std::max(parts.minute, 0) * 60 + std::max(parts.second, 0);
    if (hour < 0) return part;
    part.length = parts.minute < 0 ? 3'600 : parts.second < 0 ? 60 : 1;
    return part;
}

bool makes(const std::string& pattern, std::time_t moment, std::string_view name) {
    std::tm utc{};
    gmtime_r(&moment, &utc);
    std::array<char, TableName::max_length + 1> made{};
    const std::size_t length = std::strftime(made.data(), made.size(), pattern.c_str(), &utc);
    return std::string_view(made.data(), length) == name;
}

std::int64_t first_day_of(int year) {
    using namespace std::chrono;
    return sys_days{std::chrono::year{year} / January / 1}.time_since_epoch().count();
}

}  // namespace

std::optional<TablePeriod> period_of_table(std::string_view pattern, std::string_view name) {
    const std::optional<Parts> parts = read_parts(pattern, name);
    const int year = parts ? year_of(*parts) : -1;
    if (year < 1970) return std::nullopt;
    const PartOfDay part = part_of_day(*parts);
    const std::string codes(pattern);
    // The year of a week (%G) begins up to three days before or after the year.
    constexpr std::int64_t margin = 3;
    const std::int64_t begin = first_day_of(year) - margin;
    const std::int64_t end = first_day_of(year + 1) + margin;
    const auto is_named = [&](std::int64_t day) { return makes(codes, day * day_s + part.second, name); };
    std::int64_t first = begin;
    while (first < end && !is_named(first)) ++first;
    if (first == end) return std::nullopt;
    std::int64_t last = end - 1;
    while (!is_named(last)) --last;
    // A name of several days has its hour in each of them, and may say less than the hour.
    const bool is_part = part.length < day_s;
    const std::int64_t start_s = first * day_s + (is_part ? part.second : 0);
    const std::int64_t end_s = last * day_s + (is_part ? part.second + part.length : day_s);
    return TablePeriod{start_s * second_us, end_s * second_us};
}

}  // namespace hepcap::select
