// Where records go: a database, or nowhere.  One interface for all backends; a new backend is a file of
// its own, a folder under sql/ and a line in the table in sink.cpp, and nothing else anywhere.
//
// A sink gathers records to batches, and a batch is one transaction: it is stored whole or not at all.
// A batch ends after so many rows, after so much time, and when the caller says so: flush() when the
// input has nothing more for now, close() at the end.  Only close() promises that all is stored.
//
// Loading the same records again adds nothing: tables made by hepcap know a record by its uid.
//
// What the world refuses is thrown as Error.  One with ExitCode::temporary (the disk is full, the
// database stays locked) may be tried again: what was committed is not stored twice.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "record/record.hpp"
#include "sink/columns.hpp"

namespace hepcap::sink {

struct SinkOptions {
    Schema schema = Schema::sipcapture;
    bool create = true;                              // make tables and indexes that are missing
    std::uint64_t batch = 10'000;                    // rows in a transaction
    std::chrono::milliseconds flush_after{1'000};    // that a transaction may stay open
    std::chrono::milliseconds busy_timeout{30'000};  // to wait while another process writes
    bool dry_run = false;                            // look whether the database could be opened, no more
};

struct NamedCount {
    std::string name;
    std::uint64_t count = 0;
};

// What became of the records.  Rows of a batch count once it is committed.
struct SinkCounts {
    std::uint64_t inserted = 0;
    std::uint64_t already_there = 0;
    std::vector<NamedCount> cut;      // values cut, by column
    std::vector<NamedCount> skipped;  // records that the schema has no table for, by kind
};

class Sink {
public:
    virtual ~Sink() = default;

    // Takes one record for `table`.  What it points to need live only for the call.  Where the same
    // record may have gone to another table before (--mt-mode round_robin), `siblings` names all tables
    // it may be in.  A record that the schema does not store is counted as skipped.
    void append(std::string_view table, const record::Record& record,
                std::span<const std::string_view> siblings = {});

    // Rows taken but not yet committed, and since when.
    std::uint64_t pending() const { return pending_; }
    std::chrono::steady_clock::time_point pending_since() const { return pending_since_; }

    // Commits what is pending.
    virtual void flush() = 0;

    // Does what was put off while records came thick and fast; in a database, the indexes of new
    // tables.  To be called when records come so slowly that a batch ended by time.
    virtual void settle() = 0;

    // flush() and settle(), then closes.  The destructor gives up what is pending.
    virtual void close() = 0;

    const SinkCounts& counts() const { return counts_; }

protected:
    explicit Sink(const SinkOptions& options) : options_(options) {}

    virtual void insert(std::string_view table, Layout layout, const record::Record& record,
                        std::span<const std::string_view> siblings) = 0;

    static void count(std::vector<NamedCount>& counts, std::string_view name, std::uint64_t more = 1);

    SinkOptions options_;
    SinkCounts counts_;
    std::uint64_t pending_ = 0;
    std::chrono::steady_clock::time_point pending_since_{};
};

// Opens what `url` names: "sqlite:calls.db", "null:".  Throws Error with ExitCode::usage for a scheme that
// this build does not have; no message shows what a URL may hold of a password.  With dry_run nothing is
// opened or made, and the sink stores nothing; what can be told to fail beforehand is thrown all the same.
std::unique_ptr<Sink> open_sink(std::string_view url, const SinkOptions& options, Log& log);

// The backends of this build, one word each, for --version and messages.
std::vector<std::string_view> backends();

}  // namespace hepcap::sink
