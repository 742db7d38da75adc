// Rows in the text form of COPY (https://www.postgresql.org/docs/current/sql-copy.html): a line for each row,
// tabs between the values, \N for NULL, and a backslash before what would end a value.
//
// The text form and not the binary one: it fits whatever types the columns of somebody else's table
// have, and the server reads both at a speed that the indexes hide.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sink/column_rule.hpp"
#include "sink/columns.hpp"
#include "sink/rows.hpp"

namespace hepcap::sink {

// How a column of PostgreSQL takes values.
struct PostgresRule {
    enum class Form : std::uint8_t {
        text,
        octets,   // bytea: any octets as they are
        integer,  // with bounds
        time,
        other,  // left to the server
    };

    Form form = Form::text;
    std::size_t width = ColumnRule::unlimited;  // in characters
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    std::string_view absent;  // as COPY reads it
};

// The rule for a column of that type (PostgreSQL's name of it, as pg_type has it), with the declared width of
// varchar(N), 0 where there is none.  An indexed column takes no more of a text than an index does.
PostgresRule postgres_rule(std::string_view type, std::size_t declared_width, bool is_indexed,
                           bool takes_null);

// A column that both the layout and the table have.
struct PostgresColumn {
    std::size_t column = 0;  // of the layout
    std::string_view name;
    PostgresRule rule;
};

// What happened to values, by column of the layout.
struct PostgresTally {
    std::vector<std::uint64_t> cut;
    std::vector<std::uint64_t> replaced;
};

class PostgresRows {
public:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    // `payload` is the column of the layout whose octets go to the table's msg_b64, behind all others, where
    // they are no text; `none` where the table has no such column.
    PostgresRows(std::vector<PostgresColumn> columns, std::size_t payload)
        : columns_(std::move(columns)), payload_(payload) {}

    const std::vector<PostgresColumn>& columns() const { return columns_; }
    bool has_base64() const { return payload_ != none; }

    // Appends a line for each row.  `tally` has a place for each column of the layout.
    void append(std::string& out, const RowGroup& rows, PostgresTally& tally);

private:
    void append_value(std::string& out, const PostgresColumn& column, const Value& value,
                      PostgresTally& tally);
    void append_text(std::string& out, const PostgresColumn& column, const Value& value,
                     PostgresTally& tally);

    std::vector<PostgresColumn> columns_;
    std::size_t payload_;
    std::string scratch_;
};

}  // namespace hepcap::sink
