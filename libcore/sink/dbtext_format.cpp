#include "sink/dbtext_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <variant>

#include "base/ascii.hpp"

namespace hepcap::sink {
namespace {

using Type = DbtextColumn::Type;

std::optional<Type> type_named(std::string_view word) {
    // Kamailio looks at the first letters only.
    if (word.starts_with("int")) return Type::integer;
    if (word.starts_with("double")) return Type::real;
    if (word.starts_with("time")) return Type::time;
    if (word.starts_with("str") || word.starts_with("blob")) return Type::text;
    return std::nullopt;
}

std::string_view word_of(Type type) {
    switch (type) {
        case Type::integer: return "int";
        case Type::real: return "double";
        case Type::time: return "time";
        case Type::text: return "str";
    }
    return {};
}

// "callid(str,null)"
std::optional<DbtextColumn> parse_column(std::string_view text) {
    const std::size_t open = text.find('(');
    if (open == 0 || open == std::string_view::npos || !text.ends_with(')')) return std::nullopt;
    std::string_view rest = text.substr(open + 1, text.size() - open - 2);
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const auto type = type_named(rest.substr(0, comma));
    if (!type) return std::nullopt;
    rest.remove_prefix(comma);
    return DbtextColumn{.name = std::string(text.substr(0, open)),
                        .type = *type,
                        .may_be_null = rest.find("null") != std::string_view::npos,
                        .is_auto = rest.find("auto") != std::string_view::npos};
}

// Kamailio's integers have 32 bits, and microseconds since 1970 more than 50; a double holds them exactly.
Type type_of(const Column& column) {
    if (column.name == "micro_ts") return Type::real;
    if (const auto* const derived = std::get_if<Derived>(&column.source)) {
        switch (*derived) {
            case Derived::date: return Type::time;
            case Derived::proto:
            case Derived::family:
            case Derived::type: return Type::integer;
            default: return Type::text;
        }
    }
    if (std::holds_alternative<record::Real record::Record::*>(column.source)) return Type::real;
    const bool is_whole = std::holds_alternative<record::Integer record::Record::*>(column.source) ||
                          std::holds_alternative<record::Boolean record::Record::*>(column.source);
    return is_whole ? Type::integer : Type::text;
}

void append_text(std::string& row, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '\n': row += "\\n"; break;
            case '\r': row += "\\r"; break;
            case '\t': row += "\\t"; break;
            case '\0': row += "\\0"; break;
            case '\\': row += "\\\\"; break;
            case ':': row += "\\:"; break;
            default: row += c;
        }
    }
}

// "2026-03-07 01:02:03" in UTC; nothing where it is no such text.
std::optional<std::int64_t> seconds_of(std::string_view date) {
    constexpr std::string_view form = "0000-00-00 00:00:00";
    if (date.size() != form.size()) return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] == '0' ? !is_digit(date[i]) : date[i] != form[i]) return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t digits) {
        int value = 0;
        std::from_chars(date.data() + at, date.data() + at + digits, value);
        return value;
    };
    using namespace std::chrono;
    const year_month_day day{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                             std::chrono::day{static_cast<unsigned>(number(8, 2))}};
    const auto time = hours{number(11, 2)} + minutes{number(14, 2)} + seconds{number(17, 2)};
    return (sys_days{day}.time_since_epoch() + time).count();
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc() || end != last) return std::nullopt;
    return number;
}

// At most so many octets, and of UTF-8 whole characters.
std::string_view beginning(const Value& value, std::size_t longest) {
    const std::string_view text = value.text();
    if (text.size() <= longest) return text;
    const auto is_continuation = [&](std::size_t at) {
        return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    };
    std::size_t end = longest;
    while (value.type == Value::Type::text && end > 0 && is_continuation(end)) --end;
    return text.substr(0, end);
}

bool append_number(std::string& row, const DbtextColumn& column, const Value& value) {
    const auto out = std::back_inserter(row);
    if (value.type == Value::Type::real) {
        // No exponents, and not more decimals than a reader will want.
        if (column.type == Type::real) {
            fmt::format_to(out, "{:.6f}", value.real);
        } else if (std::abs(value.real) < 9e15) {
            fmt::format_to(out, "{}", std::llround(value.real));
        }
        return column.type == Type::real;
    }
    if (value.type == Value::Type::integer) {
        fmt::format_to(out, "{}", value.integer);
        return true;
    }
    const auto number = column.type == Type::time ? seconds_of(value.text()) : number_in(value.text());
    fmt::format_to(out, "{}", number.value_or(0));
    return number.has_value();
}

}  // namespace

std::vector<DbtextColumn> parse_dbtext_header(std::string_view line) {
    std::vector<DbtextColumn> columns;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(' '), line.size());
        if (end > 0) {
            const auto column = parse_column(line.substr(0, end));
            if (!column) return {};
            columns.push_back(*column);
        }
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return columns;
}

std::string dbtext_header(Layout layout) {
    std::string line = "id(int,auto)";
    for (const Column& column : columns(layout))
        fmt::format_to(std::back_inserter(line), " {}({},null)", column.name, word_of(type_of(column)));
    return line + '\n';
}

void split_dbtext_row(std::string_view line, std::vector<std::string_view>& fields) {
    fields.clear();
    std::size_t begin = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '\\') {
            ++at;
        } else if (line[at] == ':') {
            fields.push_back(line.substr(begin, at - begin));
            begin = at + 1;
        }
    }
    fields.push_back(line.substr(begin));
}

bool append_dbtext_field(std::string& row, const DbtextColumn& column, const Value& value,
                         ColumnRule::Absent absent, std::size_t longest) {
    if (value.type == Value::Type::absent) {
        // Nothing but NULL is as empty as an empty text.
        const bool is_zero = absent == ColumnRule::Absent::zero || !column.may_be_null;
        if (column.type != Type::text && is_zero) row += '0';
        return true;
    }
    if (column.type != Type::text) return append_number(row, column, value);
    if (value.is_textual()) {
        const std::string_view text = beginning(value, longest);
        append_text(row, text);
        return text.size() == value.size;
    }
    return append_number(row, column, value);
}

}  // namespace hepcap::sink
