#include "sink/postgres_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/decimal.hpp"
#include "record/base64.hpp"
#include "sink/text_form.hpp"

namespace hepcap::sink {
namespace {

// A btree takes 2704 octets of a value, and a character has four at most.
constexpr std::size_t indexed_width = 660;

constexpr std::string_view null = "\\N";

// What stands behind the backslash for an octet that COPY would take for the end of something; 0 for others.
constexpr std::array<char, 256> escapes = [] {
    std::array<char, 256> table{};
    table['\\'] = '\\';
    table['\t'] = 't';
    table['\n'] = 'n';
    table['\r'] = 'r';
    return table;
}();

void append_escaped(std::string& out, std::string_view text) {
    // Written into room for the worst, then shortened: a test for room at each octet costs more.
    const std::size_t from = out.size();
    out.resize(from + 2 * text.size());
    char* to = out.data() + from;
    for (const char c : text) {
        const char escape = escapes[static_cast<unsigned char>(c)];
        if (escape != 0) {
            *to++ = '\\';
            *to++ = escape;
        } else {
            *to++ = c;
        }
    }
    out.resize(static_cast<std::size_t>(to - out.data()));
}

void append_hex(std::string& out, std::string_view octets) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\\\x";
    for (const char c : octets) {
        const auto octet = static_cast<unsigned char>(c);
        out += digits[octet >> 4];
        out += digits[octet & 15];
    }
}

void append_integer(std::string& out, std::int64_t number) {
    std::array<char, max_decimal> digits;
    out.append(digits.data(), append_decimal(digits.data(), number));
}

void append_base64(std::string& out, std::string_view octets) {
    const std::size_t from = out.size();
    out.resize(from + 4 * ((octets.size() + 2) / 3));
    const char* const end = record::encode_base64(out.data() + from, octets);
    out.resize(static_cast<std::size_t>(end - out.data()));
}

template <class Number>
void set_bounds(PostgresRule& rule) {
    rule.form = PostgresRule::Form::integer;
    rule.least = std::numeric_limits<Number>::min();
    rule.most = std::numeric_limits<Number>::max();
}

}  // namespace

PostgresRule postgres_rule(std::string_view type, std::size_t declared_width, bool is_indexed,
                           bool takes_null) {
    PostgresRule rule;
    if (type == "varchar" || type == "bpchar" || type == "text" || type == "name") {
        if (declared_width > 0) rule.width = declared_width;
        if (is_indexed) rule.width = std::min(rule.width, indexed_width);
    } else if (type == "int2") {
        set_bounds<std::int16_t>(rule);
        rule.absent = "0";
    } else if (type == "int4") {
        set_bounds<std::int32_t>(rule);
        rule.absent = "0";
    } else if (type == "int8") {
        set_bounds<std::int64_t>(rule);
        rule.absent = "0";
    } else if (type == "bytea") {
        rule.form = PostgresRule::Form::octets;
    } else if (type == "timestamp" || type == "timestamptz" || type == "date") {
        rule.form = PostgresRule::Form::time;
        rule.absent = "1970-01-01 00:00:00";
    } else {
        rule.form = PostgresRule::Form::other;
        rule.absent = null;
    }
    if (takes_null) rule.absent = null;
    return rule;
}

void PostgresRows::append(std::string& out, const RowGroup& rows, PostgresTally& tally) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::span<const Value> row = rows.row(i);
        for (const PostgresColumn& column : columns_) {
            append_value(out, column, row[column.column], tally);
            out += '\t';
        }
        if (!has_base64()) {
            out.back() = '\n';
            continue;
        }
        if (row[payload_].type == Value::Type::octets) {
            append_base64(out, row[payload_].text());
        } else {
            out += null;
        }
        out += '\n';
    }
}

void PostgresRows::append_value(std::string& out, const PostgresColumn& column, const Value& value,
                                PostgresTally& tally) {
    switch (value.type) {
        case Value::Type::absent: out += column.rule.absent; break;
        case Value::Type::text:
        case Value::Type::octets: append_text(out, column, value, tally); break;
        case Value::Type::integer: {
            const std::int64_t fitting = std::clamp(value.integer, column.rule.least, column.rule.most);
            if (fitting != value.integer) ++tally.cut[column.column];
            append_integer(out, fitting);
            break;
        }
        case Value::Type::real: fmt::format_to(std::back_inserter(out), "{}", value.real); break;
    }
}

void PostgresRows::append_text(std::string& out, const PostgresColumn& column, const Value& value,
                               PostgresTally& tally) {
    if (column.rule.form == PostgresRule::Form::octets) return append_hex(out, value.text());
    // PostgreSQL has no year 0, which stands for times before it; micro_ts has the time itself.
    if (column.rule.form == PostgresRule::Form::time && value.text().starts_with("0000"))
        return void(out.append("0001").append(value.text().substr(4)));
    std::string_view text = value.text();
    if (value.type == Value::Type::octets) {
        scratch_.clear();
        append_replaced(scratch_, text);
        text = scratch_;
        ++tally.replaced[column.column];
    }
    const std::string_view fitting = cut_to_characters(text, column.rule.width);
    if (fitting.size() < text.size()) ++tally.cut[column.column];
    append_escaped(out, fitting);
}

}  // namespace hepcap::sink
