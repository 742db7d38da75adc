// An open SQLite database and its statements, closed with the scope; only the sqlite_* files and
// sqlite.cpp include this, because it shows sqlite3.h.
//
// Every call that can fail throws Error with a sentence: the database, the cause, the way out.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hepcap::sink {

struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using SqliteStatement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// The text in a column of the row at hand, valid until the next step; empty for NULL.
std::string_view text_of(sqlite3_stmt* statement, int column);

class SqliteDatabase {
public:
    // Opens for writing; a database that holds something already in WAL mode.
    SqliteDatabase(const std::string& path, bool create, std::chrono::milliseconds busy_timeout);

    const std::string& path() const { return path_; }
    sqlite3* handle() const { return handle_.get(); }

    // To be called once the first tables are filled.
    void enter_wal_mode();

    // To be called with false before an index is made, and with true after it: the sorter takes as much
    // memory as the page cache has, and is fastest with little.
    void use_large_cache(bool is_large);

    SqliteStatement prepare(const std::string& sql);

    // Runs statements that return no rows.
    void execute(const std::string& sql);

    // The same for one that may break a uniqueness: false if it does.
    bool execute_unless_constraint(const std::string& sql);

    // One step.  True: there is a row.  The caller resets.
    bool step(sqlite3_stmt* statement) {
        const int status = sqlite3_step(statement);
        if (status == SQLITE_ROW) return true;
        if (status != SQLITE_DONE) fail(status, statement);
        return false;
    }

    // The first column of the first row, or `otherwise` where there is none.
    std::int64_t query_integer(const std::string& sql, std::int64_t otherwise = 0);

    // Rows that the last INSERT or DELETE changed.
    int changes() const { return sqlite3_changes(handle_.get()); }
    bool is_in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

    // Rows of this load that are committed: what the message of a failure tells.
    void set_stored(std::uint64_t rows) { stored_ = rows; }

    // Closes; all statements must be gone.  The last one to close takes the log back into the file.
    void close() { handle_.reset(); }

    [[noreturn]] void fail(int status, sqlite3_stmt* statement = nullptr);

private:
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };

    void configure();

    std::string path_;
    std::chrono::milliseconds busy_timeout_;
    std::unique_ptr<sqlite3, Close> handle_;
    std::uint64_t stored_ = 0;
    bool is_wal_ = false;
};

}  // namespace hepcap::sink
