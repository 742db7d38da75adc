// One table of a MariaDB database: made or found, filled through one prepared statement, some hundred rows in
// a run of it.
//
// A table is in one of three states.
//  - building: hepcap has made it and has not yet made its indexes but for the key and the one over uid,
//  which
//    costs half of what keeping all of them does.  Its comment says so, and goes with the statement that
//    makes them: after a crash the next load sees what is left to do.
//  - complete: it has a unique index over uid.  A row whose uid is there is left alone; anything else that is
//    wrong with a row is an error.
//  - foreign: somebody else's, without that index.  A row is looked for before it is added: by uid where
//    the table has such a column, else by time, Call-ID, addresses, ports and payload.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "sink/columns.hpp"
#include "sink/mariadb_column.hpp"
#include "sink/mariadb_connection.hpp"
#include "sink/mariadb_rows.hpp"
#include "sink/rows.hpp"
#include "sink/table_sql.hpp"

namespace hepcap::sink {

// Told of values that did not fit, by column.
struct MariadbCounting {
    std::function<void(std::string_view column)> cut;
    std::function<void(std::string_view column)> replaced;
};

class MariadbTable {
public:
    // Finds the table or makes it; what makes and alters tables runs on a connection of its own, because it
    // would end the transaction of `connection`.  Throws Error where the table is missing and may not be
    // made, or cannot hold the layout.
    MariadbTable(MariadbConnection& connection, const MariadbSettings& settings, std::string name,
                 Layout layout, bool create, Log& log);

    const std::string& name() const { return name_; }
    Layout layout() const { return layout_; }
    bool is_building() const { return state_ == State::building; }
    std::chrono::steady_clock::time_point since() const { return since_; }

    // Adds the rows, but for those marked in `left_out`, which is empty or has a mark for each.  Returns
    // how many were not there already.
    std::uint64_t insert(const RowGroup& rows, std::span<const std::uint8_t> left_out,
                         const MariadbCounting& counting);

    // Whether the row is stored.
    bool holds(std::span<const Value> row);

    // Makes the indexes of a table that is being built, outside of any transaction.  Where others use the
    // table for too long it stays as it is, and the next call or load tries again.
    void complete(Log& log);

private:
    enum class State : std::uint8_t { building, complete, foreign };

    // A column that both the layout and the table have; or, without being of the layout, the exact octets of
    // one.
    struct Bound {
        std::size_t column;  // of the layout
        MariadbColumn as;
        ColumnRule::Absent absent = ColumnRule::Absent::empty;
        bool is_exact = false;
        bool is_read = false;  // by the statement; what no row had so far stands there as a constant
    };

    struct Index {
        std::string name;
        std::vector<std::string> columns;
        bool is_unique = false;  // over whole values
    };

    void find_columns(bool create);
    void bind_columns(std::vector<MariadbColumn> there);
    void find_state(bool create, Log& log);
    void find_identity();
    void make_key_index(bool create, Log& log);
    std::vector<Index> indexes();
    bool has_comment();
    bool is_base_table();
    const Bound* bound(std::string_view column) const;
    void prepare();
    void prepare_for(const RowGroup& rows);
    void prepare_find();
    void add(std::span<const Value> row, const MariadbCounting& counting);
    std::uint64_t send();

    MariadbConnection& connection_;
    const MariadbSettings& settings_;
    std::string name_;
    Layout layout_;
    TableSql sql_;
    State state_ = State::foreign;
    std::chrono::steady_clock::time_point since_;
    std::vector<Bound> columns_;
    MariadbStatement insert_;
    std::vector<std::size_t> identity_;  // those of columns_ that tell a row from others
    MariadbStatement find_;
    std::vector<std::size_t> asked_;  // parameters of find_, some of identity_ twice
    MariadbFitter fitter_;
    MariadbRows rows_;
    MariadbFitter key_fitter_;
    MariadbRows key_;
};

}  // namespace hepcap::sink
