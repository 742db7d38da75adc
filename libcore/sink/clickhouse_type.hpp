// Types of ClickHouse's columns, and values in the form RowBinary: integers as they lie in memory, least
// octet first; a text behind its length as a varint; in a Nullable column an octet before the value, 1 for
// NULL (https://clickhouse.com/docs/en/interfaces/formats#rowbinary).
//
// Of the forms that a server of 18.16 takes, RowBinary, Native, TabSeparated and JSONEachRow cost it the same
// within a tenth; RowBinary costs the least here, and a row can be left out of it without touching others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sink/columns.hpp"

namespace hepcap::sink {

struct ClickHouseType {
    enum class Kind : std::uint8_t {
        string,
        fixed_string,
        signed_integer,
        unsigned_integer,
        real,
        date_time,    // seconds since 1970, 32 bits
        date_time64,  // 10^-scale seconds since 1970
        date,         // days since 1970, 16 bits
    };
    Kind kind = Kind::string;
    std::size_t size = 0;  // octets of a value, but for string
    unsigned scale = 0;
    bool is_nullable = false;
};

// "LowCardinality(Nullable(String))" and so on; nothing for what hepcap does not write.
std::optional<ClickHouseType> parse_clickhouse_type(std::string_view name);

// Appends the value; one that is absent is NULL where `null_absent` is set and the column may be NULL, else
// empty or 0.  Returns false where the column did not hold the value, and what is nearest stands there.
bool append_row_binary(std::string& out, const ClickHouseType& type, const Value& value, bool null_absent);

void append_varint(std::string& out, std::uint64_t number);

// Takes a text off the front of `rows`; nothing where there is no whole one.
std::optional<std::string_view> take_row_binary_text(std::string_view& rows);

}  // namespace hepcap::sink
