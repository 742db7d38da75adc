#include "sink/clickhouse_type.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <limits>
#include <string>

namespace hepcap::sink {
namespace {

using Kind = ClickHouseType::Kind;

struct NamedType {
    std::string_view name;
    ClickHouseType type;
};

constexpr std::array plain_types{
    NamedType{"String", {Kind::string, 0}},
    NamedType{"Int8", {Kind::signed_integer, 1}},
    NamedType{"Int16", {Kind::signed_integer, 2}},
    NamedType{"Int32", {Kind::signed_integer, 4}},
    NamedType{"Int64", {Kind::signed_integer, 8}},
    NamedType{"UInt8", {Kind::unsigned_integer, 1}},
    NamedType{"UInt16", {Kind::unsigned_integer, 2}},
    NamedType{"UInt32", {Kind::unsigned_integer, 4}},
    NamedType{"UInt64", {Kind::unsigned_integer, 8}},
    NamedType{"Bool", {Kind::unsigned_integer, 1}},
    NamedType{"Float32", {Kind::real, 4}},
    NamedType{"Float64", {Kind::real, 8}},
    NamedType{"DateTime", {Kind::date_time, 4}},
    NamedType{"Date", {Kind::date, 2}},
};

// "x" of "Name(x)", also of "Name(x, y)".
std::optional<std::string_view> argument(std::string_view type, std::string_view name) {
    if (!type.starts_with(name) || !type.ends_with(')')) return std::nullopt;
    type.remove_prefix(name.size());
    if (!type.starts_with('(')) return std::nullopt;
    return type.substr(1, type.size() - 2);
}

std::size_t number_in(std::string_view text) {
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void append_octets(std::string& out, std::int64_t number, std::size_t size) {
    std::array<char, sizeof number> octets{};
    auto rest = static_cast<std::uint64_t>(number);
    for (std::size_t i = 0; i < size; ++i, rest >>= 8) octets[i] = static_cast<char>(rest & 0xFF);
    out.append(octets.data(), size);
}

// Into the numbers that `size` octets can tell; an UInt64 gets no more than an Int64 holds.
std::int64_t nearest(std::int64_t number, std::size_t size, bool is_signed) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    if (size == 8) return is_signed ? number : std::max<std::int64_t>(number, 0);
    const auto bits = static_cast<unsigned>(size * 8 - (is_signed ? 1 : 0));
    const std::int64_t high = most >> (63 - bits);
    return std::clamp(number, is_signed ? -high - 1 : 0, high);
}

struct Moment {
    std::int64_t seconds = 0;
    std::int64_t nanos = 0;
};

// "2026-01-31 23:59:58", also with T between date and time and with a fraction, in UTC.
std::optional<Moment> parse_moment(std::string_view text) {
    constexpr std::size_t whole = 19;
    if (text.size() < whole) return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t size) {
        int value = -1;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + size, value);
        return error == std::errc{} && end == text.data() + at + size ? value : -1;
    };
    const std::array<int, 6> n{number(0, 4),  number(5, 2),  number(8, 2),
                               number(11, 2), number(14, 2), number(17, 2)};
    if (std::ranges::any_of(n, [](int value) { return value < 0; })) return std::nullopt;
    using namespace std::chrono;
    const year_month_day date{year{n[0]}, month{static_cast<unsigned>(n[1])},
                              day{static_cast<unsigned>(n[2])}};
    if (!date.ok()) return std::nullopt;
    Moment moment;
    moment.seconds = std::int64_t{sys_days{date}.time_since_epoch().count()} * 86'400 +
                     std::int64_t{n[3]} * 3'600 + n[4] * 60 + n[5];
    std::int64_t unit = 100'000'000;
    for (std::size_t i = whole + 1;
         text[whole - 1] != 0 && i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, unit /= 10) {
        moment.nanos += unit * (text[i] - '0');
    }
    return moment;
}

bool append_text(std::string& out, std::string_view text) {
    append_varint(out, text.size());
    out += text;
    return true;
}

// A number as text: into columns that others have made for texts.
std::string_view as_text(const Value& value, std::array<char, 32>& buffer) {
    if (value.is_textual()) return value.text();
    char* const first = buffer.data();
    char* const last = first + buffer.size();
    if (value.type == Value::Type::integer) return {first, std::to_chars(first, last, value.integer).ptr};
    if (value.type == Value::Type::real) return {first, std::to_chars(first, last, value.real).ptr};
    return {};
}

template <typename Number>
bool parse_whole(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

bool append_integer(std::string& out, const ClickHouseType& type, const Value& value) {
    std::int64_t number = 0;
    bool holds = true;
    if (value.type == Value::Type::integer) number = value.integer;
    if (value.type == Value::Type::real) {
        constexpr double limit = 9.2e18;
        number = static_cast<std::int64_t>(std::clamp(value.real, -limit, limit));
    }
    if (value.is_textual()) holds = parse_whole(value.text(), number);
    const std::int64_t stored = nearest(number, type.size, type.kind == Kind::signed_integer);
    append_octets(out, stored, type.size);
    return holds && stored == number;
}

bool append_real(std::string& out, const ClickHouseType& type, const Value& value) {
    double number = 0;
    bool holds = true;
    if (value.type == Value::Type::integer) number = static_cast<double>(value.integer);
    if (value.type == Value::Type::real) number = value.real;
    if (value.is_textual()) holds = parse_whole(value.text(), number);
    std::array<char, 8> octets{};
    if (type.size == sizeof(float)) {
        const auto narrow = static_cast<float>(number);
        std::memcpy(octets.data(), &narrow, sizeof narrow);
    } else {
        std::memcpy(octets.data(), &number, sizeof number);
    }
    out.append(octets.data(), type.size);
    return holds;
}

// An integer is taken for microseconds: micro_ts is the one that tells a time.
bool append_moment(std::string& out, const ClickHouseType& type, const Value& value) {
    constexpr std::int64_t micros = 1'000'000;
    std::optional<Moment> moment;
    if (value.is_textual()) moment = parse_moment(value.text());
    if (value.type == Value::Type::integer)
        moment = Moment{value.integer / micros, value.integer % micros * 1'000};
    if (value.type == Value::Type::absent) moment = Moment{};
    const Moment found = moment.value_or(Moment{});
    std::int64_t number = found.seconds;
    if (type.kind == Kind::date) number /= 86'400;
    if (type.kind == Kind::date_time64) {
        std::int64_t unit = 1;
        for (unsigned i = 0; i < type.scale; ++i) unit *= 10;
        // What a time of nine digits can tell ends in the year 2262; no calendar's year is near the other
        // end.
        const std::int64_t most = std::numeric_limits<std::int64_t>::max() / unit - 1;
        number = std::clamp(number, -most, most) * unit + found.nanos / (1'000'000'000 / unit);
        append_octets(out, number, type.size);
        return moment.has_value();
    }
    const std::int64_t stored = nearest(number, type.size, false);
    append_octets(out, stored, type.size);
    return moment.has_value() && stored == number;
}

}  // namespace

std::optional<ClickHouseType> parse_clickhouse_type(std::string_view name) {
    if (const auto inner = argument(name, "LowCardinality")) return parse_clickhouse_type(*inner);
    if (const auto inner = argument(name, "Nullable")) {
        std::optional<ClickHouseType> type = parse_clickhouse_type(*inner);
        if (type) type->is_nullable = true;
        return type;
    }
    if (argument(name, "DateTime")) return ClickHouseType{Kind::date_time, 4};
    if (const auto scale = argument(name, "DateTime64")) {
        const std::size_t digits = number_in(*scale);
        if (digits > 9) return std::nullopt;
        return ClickHouseType{Kind::date_time64, 8, static_cast<unsigned>(digits)};
    }
    if (const auto size = argument(name, "FixedString"))
        return ClickHouseType{Kind::fixed_string, number_in(*size)};
    const auto* const found = std::ranges::find(plain_types, name, &NamedType::name);
    if (found == plain_types.end()) return std::nullopt;
    return found->type;
}

bool append_row_binary(std::string& out, const ClickHouseType& type, const Value& value, bool null_absent) {
    const bool is_absent = value.type == Value::Type::absent;
    if (type.is_nullable) {
        const bool is_null = is_absent && null_absent;
        out += is_null ? '\x01' : '\0';
        if (is_null) return true;
    }
    std::array<char, 32> buffer{};
    switch (type.kind) {
        case Kind::string: return append_text(out, as_text(value, buffer));
        case Kind::fixed_string: {
            const std::string_view text = as_text(value, buffer).substr(0, type.size);
            out += text;
            out.append(type.size - text.size(), '\0');
            return text.size() == as_text(value, buffer).size();
        }
        case Kind::signed_integer:
        case Kind::unsigned_integer: return append_integer(out, type, value);
        case Kind::real: return append_real(out, type, value);
        case Kind::date_time:
        case Kind::date_time64:
        case Kind::date: return append_moment(out, type, value);
    }
    return false;
}

void append_varint(std::string& out, std::uint64_t number) {
    while (number >= 0x80) {
        out += static_cast<char>((number & 0x7F) | 0x80);
        number >>= 7;
    }
    out += static_cast<char>(number);
}

std::optional<std::string_view> take_row_binary_text(std::string_view& rows) {
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < rows.size() && i < 9; ++i) {
        const auto octet = static_cast<unsigned char>(rows[i]);
        size |= std::uint64_t{octet & 0x7FU} << (7 * i);
        if (octet >= 0x80) continue;
        if (rows.size() - i - 1 < size) return std::nullopt;
        const std::string_view text = rows.substr(i + 1, size);
        rows.remove_prefix(i + 1 + size);
        return text;
    }
    return std::nullopt;
}

}  // namespace hepcap::sink
