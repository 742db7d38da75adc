// One table of an SQLite database: made or found, filled through one prepared statement, many rows in a
// run of it.
//
// A table is in one of three states.
//  - building: it was empty and has no unique index over uid.  Rows are just added; indexes are made by
//    complete() when the load ends or the input pauses, which is several times as fast as keeping nine
//    indexes up to date row by row.  Rows that came twice are found and removed then.
//  - complete: it has that index, which is made last, so it has all others as well.  A row whose uid is
//    there is left alone.
//  - foreign: somebody else's, without the column uid.  A row is looked for by time, Call-ID, addresses,
//    ports and payload before it is added, which takes a run of the statement for each row: within one
//    SQLite would not see the rows that it has just added.
// A load that was killed leaves tables without the index over uid; the next one completes such a table
// before it adds a row.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "sink/columns.hpp"
#include "sink/rows.hpp"
#include "sink/sqlite_database.hpp"
#include "sink/sqlite_rows.hpp"
#include "sink/table_sql.hpp"

namespace hepcap::sink {

class SqliteTable {
public:
    using CountCut = std::function<void(std::string_view column, std::uint64_t values)>;

    // Finds the table or makes it.  Must be called within a transaction, so that nobody else can do the
    // same.  Throws Error where it is missing and may not be made, or none of its columns fits.
    SqliteTable(SqliteDatabase& database, SqliteRows& rows, std::string name, Layout layout, bool create,
                Log& log);

    const std::string& name() const { return name_; }
    Layout layout() const { return layout_; }

    // Rows lie in a table whose indexes are missing: complete() must come before insert().
    bool is_incomplete() const { return state_ == State::incomplete; }
    bool is_building() const { return state_ == State::building; }
    bool is_foreign() const { return state_ == State::foreign; }

    // Adds the rows, but for those marked in `left_out`, which is empty or has a mark for each.  Returns
    // how many were not there already.
    std::uint64_t insert(const RowGroup& rows, std::span<const std::uint8_t> left_out,
                         const CountCut& count_cut);

    // Whether the row is stored; a table being built does not know yet, and says no.
    bool holds(std::span<const Value> row);

    // Remembers, for complete(), another table with the column uid that may hold the same records.
    void add_sibling(std::string_view name) { siblings_.emplace(name); }

    // Makes the indexes, outside of any transaction; returns how many rows had come twice and are gone.
    std::uint64_t complete();

private:
    enum class State : std::uint8_t { building, incomplete, complete, foreign };

    // A column that both the layout and the table have.
    struct Bound {
        std::size_t column;  // of the layout
        std::string_view name;
        bool is_read = false;  // by the statement; what no row had so far stands there as a constant
    };

    void find_columns(bool create);
    void find_state(bool create, Log& log);
    bool has_unique_uid_index();
    bool has_key_index();
    std::vector<std::string> index_columns(const std::string& index);
    void prepare();
    void prepare_for(const RowGroup& rows);
    std::string source_of(const Bound& bound) const;
    std::string make_condition();
    std::size_t parameter_of(std::string_view column) const;
    bool adds_row_by_row() const { return state_ == State::foreign; }
    // Binds the value to a parameter; true if it was too long and is cut.
    bool bind(sqlite3_stmt* statement, std::size_t parameter, std::size_t column, const Value& value);
    std::uint64_t insert_one_by_one(const RowGroup& rows, std::span<const std::uint8_t> left_out,
                                    const CountCut& count_cut);
    std::uint64_t remove_duplicates();
    std::uint64_t remove_what_siblings_hold();

    SqliteDatabase& database_;
    SqliteRows& rows_;
    std::string name_;
    Layout layout_;
    TableSql sql_;
    State state_ = State::foreign;
    std::vector<Bound> columns_;
    std::vector<ColumnRule> rules_;  // by column of the layout
    SqliteStatement insert_;
    SqliteStatement find_;
    std::vector<std::size_t> identity_;  // those of columns_ that find_ asks for
    std::set<std::string, std::less<>> siblings_;
};

}  // namespace hepcap::sink
