// Where records go: a database, or nowhere.  One front for all backends (backend.hpp): it makes rows of
// records, gathers them to batches, and hands those to the thread that has the database.
//
// A batch of the database is one transaction: it is stored whole or not at all.  It ends after so many
// rows, after so much time, and when the caller says so: flush() when the input has nothing more for now,
// close() at the end.  Only close() promises that all is stored.
//
// Loading the same records again adds nothing: tables made by hepcap know a record by its uid.
//
// What the world refuses is thrown as Error, by the call at hand or a later one.  One with
// ExitCode::temporary (the database is away, the disk is full) came through all retries, and may be tried
// again by the user: what was committed is not stored twice.  With a spool the records of what could not
// be stored are kept there instead.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "record/record.hpp"
#include "sink/backend.hpp"
#include "sink/columns.hpp"
#include "sink/rows.hpp"
#include "sink/spool.hpp"
#include "sink/store.hpp"
#include "sink/store_thread.hpp"

namespace hepcap::sink {

// How rows are inserted: Kamailio's db_insert_mode 0, 1 and 2.
enum class InsertMode : std::uint8_t {
    sync,     // one batch after the other
    delayed,  // the database may insert later than it says so
    async,    // while one batch is on its way the next one is filled
};

std::string_view name(InsertMode mode);
std::optional<InsertMode> insert_mode_from_name(std::string_view text);  // "async" or "2"

struct SinkOptions {
    Schema schema = Schema::sipcapture;
    InsertMode insert_mode = InsertMode::sync;
    bool create = true;                              // make tables and indexes that are missing
    std::uint64_t batch = 10'000;                    // rows in a transaction
    std::chrono::milliseconds flush_after{1'000};    // that a transaction may stay open
    std::chrono::milliseconds busy_timeout{30'000};  // to wait while another process writes
    std::string cluster{};                           // of servers that tables are made on; ClickHouse's
    bool dry_run = false;                            // look whether the database could be opened, no more
    RetryOptions retry{};
    std::string spool{};  // directory for records that the database does not take; empty: none
    std::uint64_t spool_size = std::uint64_t{1} << 30;
    std::string spool_purpose{};  // where they are to go, see Spool
};

class Sink {
public:
    // Opens what `url` names: "sqlite:calls.db", "null:".  `log` must outlive the sink.  Throws Error, with
    // ExitCode::usage for a scheme that this build does not have; no message shows what a URL may hold of
    // a password.  With dry_run nothing is opened or made, and the sink stores nothing; what can be told
    // to fail beforehand is thrown all the same.
    Sink(std::string_view url, const SinkOptions& options, Log& log);

    // Takes one record for `table`.  What it points to need live only for the call.  Where the same
    // record may have gone to another table before (--mt-mode round_robin), `siblings` names all tables
    // it may be in.  A record that the schema does not store is counted as skipped.
    // Where the record came from is needed for a spool, and to say what is stored.
    void append(std::string_view table, const record::Record& record,
                std::span<const std::string_view> siblings = {}, const Origin& origin = {});

    // Rows taken whose commit has not been asked for, and since when.
    std::uint64_t pending() const { return pending_; }
    std::chrono::steady_clock::time_point pending_since() const { return pending_since_; }

    // Rows taken that are not committed yet, whether that was asked for or not.
    std::uint64_t uncommitted() const;

    // To be called now and then by who does not append: says what the database has to say, and throws
    // what made it fail.
    void check();

    // Commits what is pending.
    void flush();

    // Commits what is pending, because an input is at its end; without waiting for it.  Where `finished` is
    // not empty, it comes into the ledger of the database in the transaction of the last rows.  Says once
    // where the database keeps no ledger.
    void end_input(std::string_view finished);

    // Whether the ledger has `input`, what was appended so far included.
    bool is_finished(std::string_view input);

    // Commits what is pending; then as in Backend.
    std::vector<std::string> tables();
    void drop_table(std::string_view name);

    // Does what was put off while records came thick and fast; in a database, the indexes of new
    // tables.  To be called when records come so slowly that a batch ended by time.
    void settle();

    // flush() and settle(), then closes.  The destructor gives up what is pending.
    void close();

    // The files of the spool that wait for being loaded, oldest first.  One that was read to its end is
    // removed by forget(), which flushes before.
    std::vector<std::string> spooled_files();
    void forget(const std::string& spooled_file);

    // The database was given up for now: what comes goes to the spool.
    bool is_away() const { return thread_.is_away(); }

    // What is committed or spooled; after flush() or close() that is all.
    SinkCounts counts() const;

private:
    void hand_over(StoreThread::Then then, std::string_view finished = {});
    void finish(StoreThread::Then then);
    void ask(const std::function<void(Backend&)>& question);

    SinkOptions options_;
    Log& log_;
    std::unique_ptr<KeptLog> kept_log_;
    std::unique_ptr<Spool> spool_;
    RowValues values_;
    RowBatch batch_;
    std::vector<NamedCount> skipped_;
    std::uint64_t taken_ = 0;
    std::uint64_t pending_ = 0;
    std::chrono::steady_clock::time_point pending_since_{};
    bool keeps_ledger_ = false;  // it was seen to
    StoreThread thread_;
};

std::unique_ptr<Sink> open_sink(std::string_view url, const SinkOptions& options, Log& log);

// The backends of this build, one word each, for --version and messages.
std::vector<std::string_view> backends();

}  // namespace hepcap::sink
