// One table of a database behind ODBC: made or found, and which rows it holds already.
//
// A row is known by its uid; in tables that others have made without that column by time, Call-ID, addresses,
// ports and payload.  Rows are asked for before they are inserted, in the same transaction: what collides
// with another load's is refused by the unique index over uid, and that may be tried again.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sink/column_rule.hpp"
#include "sink/columns.hpp"
#include "sink/odbc_connection.hpp"
#include "sink/odbc_rows.hpp"
#include "sink/rows.hpp"

namespace hepcap::sink {

class OdbcTable {
public:
    // Finds the table or makes it, in a transaction of its own.  Throws Error where it is missing and may not
    // be made, or none of its columns fits.
    OdbcTable(OdbcConnection& connection, std::string name, Layout layout, bool create);

    const std::string& name() const { return name_; }
    Layout layout() const { return layout_; }
    bool has_uid() const { return has_uid_; }
    std::string_view uid(std::span<const Value> row) const { return row[uid_].text(); }

    // Marks in `left_out` those of the rows that the table holds.
    void find(const RowGroup& rows, std::span<std::uint8_t> left_out);

    // Whether the table holds the row: a question for each, and the only way where it has no uid.
    bool holds(std::span<const Value> row);

    // Adds the rows that are not marked.
    void insert(const RowGroup& rows, std::span<const std::uint8_t> left_out, const OdbcRows::Count& count);

private:
    void find_columns();
    void make();
    void find_by_uid(const RowGroup& rows, std::span<std::uint8_t> left_out);

    OdbcConnection& connection_;
    std::string name_;
    Layout layout_;
    std::vector<OdbcColumn> columns_;
    std::size_t uid_ = 0;  // of the layout's columns
    bool has_uid_ = false;
    OdbcRows rows_;
};

}  // namespace hepcap::sink
