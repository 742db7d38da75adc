// Rows as a table that SQLite can read: INSERT INTO t SELECT c4, c0 FROM "hepcap rows" takes hundreds of
// them in one run of a statement.  Beside a run for each row that saves the start and the end of the
// statement, the search for the end of the table, and binding: together a third of what SQLite spends
// on a row of 45 columns.
//
// It is a virtual table (https://www.sqlite.org/vtab.html), eponymous: it is there without being made, and
// nothing of it is in the file.  Column cN is column N of the layout.  Its name cannot be one that
// --table makes, because of the blank.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sink/column_rule.hpp"
#include "sink/rows.hpp"

namespace hepcap::sink {

class SqliteRows {
public:
    static constexpr std::string_view table = "\"hepcap rows\"";

    // Registers the table.  The object must stay where it is, and outlive the use of `database`.
    explicit SqliteRows(sqlite3* database);
    SqliteRows(const SqliteRows&) = delete;
    SqliteRows& operator=(const SqliteRows&) = delete;

    // What the table holds until the next call: `rows` without those marked in `left_out`, which is empty or
    // has a mark for each.  All of it must stay for that time.
    void show(const RowGroup& rows, std::span<const ColumnRule> rules,
              std::span<const std::uint8_t> left_out);

    // For each column of the layout how many values were cut since show().
    std::span<const std::uint64_t> cut() const { return cut_; }

private:
    struct Cursor;
    struct Module;

    const RowGroup* rows_ = nullptr;
    std::span<const ColumnRule> rules_;
    std::span<const std::uint8_t> left_out_;
    std::vector<std::uint64_t> cut_;
};

}  // namespace hepcap::sink
