#include "sink/sqlite_database.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/error.hpp"
#include "sink/sqlite_path.hpp"

namespace hepcap::sink {
namespace {

// The page cache while rows are added.  Measured: twice the cache gains nothing, a quarter costs a tenth.
constexpr int cache_kib = 16 * 1024;

// The page cache while an index is made, and what the sorter sorts at a time (though no less than 250
// pages).  Measured against the other size: a fifth less time, because what is sorted stays near the
// processor.  A thread for the sorter (PRAGMA threads) costs a third more time of all processors.
constexpr int index_cache_kib = 2 * 1024;

// SQLite's own waiting sleeps up to 100 ms between two looks.  Another loader leaves the lock free only
// while it copies its log into the database, so a look every other millisecond gets its turn.
constexpr int busy_sleep_us = 2'000;

int wait_while_busy(void* limit_ms, int tries) {
    const auto most = *static_cast<const std::chrono::milliseconds*>(limit_ms);
    if (std::chrono::microseconds(busy_sleep_us) * tries >= most) return 0;
    usleep(busy_sleep_us);
    return 1;
}

std::string seconds_text(std::chrono::milliseconds time) {
    return std::to_string(time.count() / 1000) + " s";
}

}  // namespace

std::string_view text_of(sqlite3_stmt* statement, int column) {
    const unsigned char* const text = sqlite3_column_text(statement, column);
    if (text == nullptr) return {};
    return {reinterpret_cast<const char*>(text),
            static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

SqliteDatabase::SqliteDatabase(const std::string& path, bool create, std::chrono::milliseconds busy_timeout)
    : path_(path), busy_timeout_(busy_timeout) {
    require_sqlite_file(path, create);
    // One thread uses the connection, so SQLite's mutexes would only cost.
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
    sqlite3* handle = nullptr;
    const int status = sqlite3_open_v2(path_.c_str(), &handle, flags, nullptr);
    handle_.reset(handle);
    if (handle == nullptr) throw Error("cannot open database '" + path_ + "': out of memory");
    if (status != SQLITE_OK) fail(status);
    sqlite3_busy_handler(handle, wait_while_busy, &busy_timeout_);
    configure();
}

// A new database is filled in SQLite's plain mode, with a rollback journal: all its pages are new, so
// nothing has to be saved before it is written, and each page is written once, where the write-ahead log
// would have it twice.  In either mode a killed process leaves the batch or no batch.
void SqliteDatabase::configure() {
    // The first reading of the file: whether it is a database at all shows here.
    query_integer("PRAGMA schema_version");
    if (sqlite3_db_readonly(handle_.get(), "main") == 1) fail(SQLITE_READONLY);
    if (query_integer("PRAGMA page_count") > 0) {
        enter_wal_mode();
    } else {
        // Large pages, because a row of a message takes one to two KiB.  Measured against SQLite's 4 KiB:
        // a load takes a fifth less time.
        execute("PRAGMA page_size = 16384");
    }
    // Last, because SQLite makes pages of the size it knows out of it.
    use_large_cache(true);
}

void SqliteDatabase::use_large_cache(bool is_large) {
    execute("PRAGMA cache_size = -" + std::to_string(is_large ? cache_kib : index_cache_kib));
}

// Readers and a loader do not lock each other out, and pages all over the file are written in order.
// synchronous NORMAL goes with it: the database is sound after a power failure too, which may take back
// the last batches; loading again brings those back.  The log is copied into the file as a batch of the
// default size ends, so it stays as large as one batch.
void SqliteDatabase::enter_wal_mode() {
    if (is_wal_) return;
    is_wal_ = true;
    // The plain mode does as well, where another process is in the way or the file system has no WAL.
    sqlite3_exec(handle_.get(), "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", nullptr, nullptr,
                 nullptr);
}

SqliteStatement SqliteDatabase::prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    const int status = sqlite3_prepare_v3(handle_.get(), sql.c_str(), static_cast<int>(sql.size() + 1),
                                          SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (status != SQLITE_OK) fail(status);
    return SqliteStatement(statement);
}

void SqliteDatabase::execute(const std::string& sql) {
    const int status = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (status != SQLITE_OK) fail(status);
}

bool SqliteDatabase::execute_unless_constraint(const std::string& sql) {
    const int status = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (status != SQLITE_OK && (status & 0xFF) != SQLITE_CONSTRAINT) fail(status);
    return status == SQLITE_OK;
}

std::int64_t SqliteDatabase::query_integer(const std::string& sql, std::int64_t otherwise) {
    const SqliteStatement statement = prepare(sql);
    return step(statement.get()) ? sqlite3_column_int64(statement.get(), 0) : otherwise;
}

void SqliteDatabase::fail(int status, sqlite3_stmt* statement) {
    // SQLite's message is that of the last call: it must be taken before the next one.
    const std::string cause = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(status);
    if (statement != nullptr) sqlite3_reset(statement);
    const std::string name = "database '" + path_ + "'";
    const std::string again =
        std::to_string(stored_) +
        " rows of this load are stored; load the same input again to complete it, nothing is"
        " stored twice";
    switch (status & 0xFF) {
        case SQLITE_CANTOPEN:
            throw Error("cannot open " + name + ": " + cause +
                        "; its directory must exist, and both must be readable and writable for you");
        case SQLITE_NOTADB:
            throw Error("'" + path_ + "' is no SQLite database (" + cause +
                        "); name another file, or move this one away");
        case SQLITE_READONLY:
        case SQLITE_PERM:
            throw Error("cannot write to " + name +
                        ": it is read-only; the file and its directory must be writable for you");
        case SQLITE_CORRUPT:
            throw Error(name + " is damaged (" + cause +
                        "); restore it, or save what is readable with: sqlite3 '" + path_ + "' .recover");
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw Error(
                name + " stayed locked by another process for " + seconds_text(busy_timeout_) + "; " + again,
                ExitCode::temporary);
        case SQLITE_FULL:
            throw Error(name + " cannot grow: " + cause + "; free some space; " + again, ExitCode::temporary);
        case SQLITE_IOERR:
            throw Error(name + " cannot be read or written: " + cause + "; " + again, ExitCode::temporary);
        default: throw Error("cannot store in " + name + ": " + cause);
    }
}

}  // namespace hepcap::sink
