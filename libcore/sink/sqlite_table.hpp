// One table of an SQLite database: made or found, filled through one prepared statement.
//
// A table is in one of three states.
//  - building: it was empty and has no unique index over uid.  Rows are just added; indexes are made by
//    complete() when the load ends or the input pauses, which is several times as fast as keeping nine
//    indexes up to date row by row.  Rows that came twice are found and removed then.
//  - complete: it has that index, which is made last, so it has all others as well.  A row whose uid is
//    there is left alone.
//  - foreign: somebody else's, without the column uid.  A row is looked for by time, Call-ID, addresses,
//    ports and payload before it is added.
// A load that was killed leaves tables without the index over uid; the next one completes such a table
// before it adds a row.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "sink/columns.hpp"
#include "sink/sqlite_database.hpp"
#include "sink/table_sql.hpp"

namespace hepcap::sink {

class SqliteTable {
public:
    using CountCut = std::function<void(std::string_view column)>;

    // Finds the table or makes it.  Must be called within a transaction, so that nobody else can do the
    // same.  Throws Error where it is missing and may not be made, or none of its columns fits.
    SqliteTable(SqliteDatabase& database, std::string name, Layout layout, bool create, Log& log);

    const std::string& name() const { return name_; }
    Layout layout() const { return layout_; }

    // Rows lie in a table whose indexes are missing: complete() must come before insert().
    bool is_incomplete() const { return state_ == State::incomplete; }
    bool is_building() const { return state_ == State::building; }
    bool is_foreign() const { return state_ == State::foreign; }

    // False if the row is there already.
    bool insert(const record::Record& record, RowValues& values, const CountCut& count_cut);

    // Whether the record is stored; a table being built does not know yet, and says no.
    bool holds(const record::Record& record, RowValues& values);

    // Remembers, for complete(), another table with the column uid that may hold the same records.
    void add_sibling(std::string_view name) { siblings_.emplace(name); }

    // Makes the indexes, outside of any transaction; returns how many rows had come twice and are gone.
    std::uint64_t complete();

private:
    enum class State : std::uint8_t { building, incomplete, complete, foreign };

    // A column that both the layout and the table have.
    struct Bound {
        const Column* column;
        std::size_t width;        // in characters
        bool is_default = false;  // the statement's parameter is still what an absent value becomes
    };

    void find_columns(bool create);
    void find_state(bool create, Log& log);
    bool has_unique_uid_index();
    bool has_key_index();
    std::vector<std::string> index_columns(const std::string& index);
    void prepare();
    std::string make_condition();
    std::size_t parameter_of(std::string_view column) const;
    // Binds the value of column `i`; true if it was too long and is cut.
    bool bind(sqlite3_stmt* statement, std::size_t i, const Value& value);
    void bind_default(sqlite3_stmt* statement, std::size_t i) const;
    std::uint64_t remove_duplicates();
    std::uint64_t remove_what_siblings_hold();

    SqliteDatabase& database_;
    std::string name_;
    Layout layout_;
    TableSql sql_;
    State state_ = State::foreign;
    std::vector<Bound> columns_;
    SqliteStatement insert_;
    SqliteStatement find_;
    std::vector<std::size_t> identity_;  // the columns that find_ asks for
    std::set<std::string, std::less<>> siblings_;
};

}  // namespace hepcap::sink
