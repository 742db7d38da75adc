#include "sink/mariadb_column.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "record/base64.hpp"
#include "sink/text_form.hpp"

namespace hepcap::sink {
namespace {

constexpr char32_t replacement_character = 0xFFFD;
constexpr std::string_view first_timestamp = "1970-01-01 00:00:01";
constexpr std::string_view last_timestamp = "2038-01-19 03:14:07";

struct IntegerType {
    std::string_view name;
    unsigned bits;
};
constexpr std::array integer_types{IntegerType{"tinyint", 8}, IntegerType{"smallint", 16},
                                   IntegerType{"mediumint", 24}, IntegerType{"int", 32},
                                   IntegerType{"bigint", 64}};

std::size_t size_of(const std::optional<std::string>& text) {
    std::size_t value = 0;
    if (!text) return ColumnRule::unlimited;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    return error == std::errc() ? value : ColumnRule::unlimited;
}

// The highest character that all of a character set's first ones up to it are in.
char32_t highest_of(std::string_view charset) {
    if (charset == "utf8mb4" || charset.starts_with("utf16") || charset == "utf32") return 0x10FFFF;
    if (charset == "utf8mb3" || charset == "utf8" || charset == "ucs2") return 0xFFFF;
    return 0x7F;
}

void set_range(MariadbColumn& column, unsigned bits) {
    const bool is_unsigned = column.type.find("unsigned") != std::string::npos;
    if (is_unsigned) column.least = 0;
    if (bits == 64) return;
    const std::int64_t span = std::int64_t{1} << (is_unsigned ? bits : bits - 1);
    column.most = span - 1;
    if (!is_unsigned) column.least = -span;
}

// Reads "é" and the like; `at` is moved behind it.  The text is UTF-8.
char32_t character_at(std::string_view text, std::size_t& at) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = octet(at);
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t character = size == 1 ? first : first & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) character = (character << 6U) | (octet(at + i) & 0x3FU);
    at += size;
    return character;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<signed char>(c) >= 0; });
}

// `text` with those characters replaced that the character set does not have; UTF-8 both.
std::string narrowed(std::string_view text, char32_t highest) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        if (character_at(text, at) <= highest) {
            result += text.substr(begin, at - begin);
        } else {
            result += highest >= replacement_character ? "\xEF\xBF\xBD" : "?";
        }
    }
    return result;
}

std::string_view cut_to_octets(std::string_view text, std::size_t octets, bool is_binary) {
    if (text.size() <= octets) return text;
    while (!is_binary && octets > 0 && (static_cast<unsigned char>(text[octets]) & 0xC0U) == 0x80) --octets;
    return text.substr(0, octets);
}

}  // namespace

std::vector<MariadbColumn> mariadb_columns(MariadbConnection& connection, std::string_view table) {
    const MariadbConnection::Rows rows = connection.query(
        "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH, "
        "CHARACTER_SET_NAME, COLLATION_NAME, IS_NULLABLE, EXTRA FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = " +
        connection.literal(table) + " ORDER BY ORDINAL_POSITION");
    std::vector<MariadbColumn> columns;
    for (const auto& row : rows) {
        if (row[8].value_or("").find("GENERATED") != std::string::npos) continue;
        MariadbColumn column;
        column.name = row[0].value_or("");
        const std::string data_type = row[1].value_or("");
        column.type = row[2].value_or("");
        column.is_nullable = row[7] == "YES";
        const auto* const integer = std::ranges::find(integer_types, data_type, &IntegerType::name);
        if (integer != integer_types.end()) {
            column.form = MariadbColumn::Form::integer;
            set_range(column, integer->bits);
        } else if (data_type == "double" || data_type == "float" || data_type == "decimal") {
            column.form = MariadbColumn::Form::real;
        } else if (data_type == "timestamp" || data_type == "datetime") {
            column.form = MariadbColumn::Form::moment;
            column.is_timestamp = data_type == "timestamp";
        } else {
            column.characters = size_of(row[3]);
            // tinytext to longtext say octets, whatever the character set.
            if (data_type.ends_with("text") || data_type.ends_with("blob")) {
                column.octets = size_of(row[4]);
                column.characters = ColumnRule::unlimited;
            }
            column.charset = row[5].value_or("");
            column.collation = row[6].value_or("");
            column.is_binary = column.charset.empty();
            column.highest = highest_of(column.charset);
        }
        columns.push_back(std::move(column));
    }
    return columns;
}

FittedValue MariadbFitter::fit(const Value& value, const MariadbColumn& column, ColumnRule::Absent absent) {
    using Form = MariadbColumn::Form;
    FittedValue fitted;
    switch (value.type) {
        case Value::Type::text:
        case Value::Type::octets: return fit_text(value, column);
        case Value::Type::integer:
            if (column.form == Form::text) {
                fitted.type = FittedValue::Type::text;
                fitted.text = texts_.emplace_back(std::to_string(value.integer));
                break;
            }
            fitted.type = FittedValue::Type::integer;
            fitted.integer = std::clamp(value.integer, column.least, column.most);
            fitted.is_cut = fitted.integer != value.integer;
            break;
        case Value::Type::real:
            if (column.form == Form::text) {
                fitted.type = FittedValue::Type::text;
                fitted.text = texts_.emplace_back(fmt::format("{}", value.real));
                break;
            }
            fitted.type = FittedValue::Type::real;
            fitted.real = value.real;
            break;
        case Value::Type::absent:
            if (absent == ColumnRule::Absent::null && column.is_nullable) break;
            if (column.form == Form::integer || column.form == Form::real) {
                fitted.type = FittedValue::Type::integer;
            } else {
                fitted.type = FittedValue::Type::text;
                fitted.text = column.form == Form::moment ? first_timestamp : std::string_view("");
            }
            break;
    }
    return fitted;
}

FittedValue MariadbFitter::fit_text(const Value& value, const MariadbColumn& column) {
    FittedValue fitted;
    fitted.type = FittedValue::Type::text;
    fitted.text = value.text();
    if (column.form == MariadbColumn::Form::moment) {
        if (!column.is_timestamp) return fitted;
        fitted.text = std::clamp(value.text(), first_timestamp, last_timestamp);
        fitted.is_cut = fitted.text != value.text();
        return fitted;
    }
    const bool can_be_other = value.type == Value::Type::octets || column.highest < 0x10FFFF;
    if (!column.is_binary && can_be_other) fitted.text = replaced(value, column, fitted.is_replaced);
    const std::size_t size = fitted.text.size();
    if (size > column.characters) {
        fitted.text = column.is_binary ? fitted.text.substr(0, column.characters)
                                       : cut_to_characters(fitted.text, column.characters);
    }
    fitted.text = cut_to_octets(fitted.text, column.octets, column.is_binary);
    fitted.is_cut = fitted.text.size() < size;
    return fitted;
}

std::string_view MariadbFitter::replaced(const Value& value, const MariadbColumn& column, bool& is_replaced) {
    std::string_view text = value.text();
    if (value.type == Value::Type::octets) {
        std::string& made = texts_.emplace_back();
        is_replaced = append_replaced(made, text) > 0;
        text = made;
    }
    if (column.highest < 0x10FFFF && !is_ascii(text)) {
        std::string made = narrowed(text, column.highest);
        is_replaced = is_replaced || made != text;
        text = texts_.emplace_back(std::move(made));
    }
    return text;
}

FittedValue MariadbFitter::base64(std::string_view octets) {
    FittedValue fitted;
    std::string& made = texts_.emplace_back(4 * ((octets.size() + 2) / 3), '\0');
    record::encode_base64(made.data(), octets);
    fitted.type = FittedValue::Type::text;
    fitted.text = made;
    return fitted;
}

}  // namespace hepcap::sink
