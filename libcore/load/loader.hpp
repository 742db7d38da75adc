// From records to the tables of a database: the filter, the table of each record, the sink, and the tally
// of what became of them all.  What reads the records and asks for the end of the work stands above.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/output.hpp"
#include "base/timestamp.hpp"
#include "load/report_table.hpp"
#include "load/retention.hpp"
#include "record/ndjson_reader.hpp"
#include "record/record.hpp"
#include "select/filter.hpp"
#include "select/route.hpp"
#include "select/table_name.hpp"
#include "sink/sink.hpp"

namespace hepcap::load {

struct LoaderOptions {
    std::string url;  // of the database
    sink::SinkOptions sink;
    std::optional<select::Filter> filter;
    bool require_eof = false;
    std::string rejects;  // file for lines that are no records; empty: they are only counted
};

class Loader {
public:
    // Opens database and rejects.  `log` must outlive the loader.  Throws Error.
    Loader(LoaderOptions options, select::Router router, Log& log);

    // One record, whatever its kind.  `origin` goes to the sink with it.  Throws Error where the database
    // fails.
    void take(const record::Record& record, const sink::Origin& origin);

    // A record out of the spool: it was let through, and counted, when it came the first time.
    void take_again(const record::Record& record, const sink::Origin& origin);

    // The spool, as the sink has it: files that wait, whether there is use in loading them, and one of them
    // done with.
    std::vector<std::string> spooled_files() { return sink_.spooled_files(); }
    bool is_away() const { return sink_.is_away(); }
    void forget(const std::string& spooled_file) { sink_.forget(spooled_file); }

    // Of the last record up to which all are stored or spooled (sink::Origin).
    std::uint64_t position() const { return sink_.counts().position; }

    // A line that is no record; `prefix` says which input it is of, where there are several.
    void refuse(const record::BadLine& bad, std::string_view prefix);

    // Whether the ledger of the database has the input of that identity; counts those that it has.  Throws
    // Error.
    bool is_finished(std::string_view identity);

    // What is taken from here on is of another input, which sentences call `shown`; empty: of none.
    void begin_input(std::string_view shown);

    // An input is at its end: commits, and notes `identity` in the ledger where it is not empty.  False
    // where the records were to end with one of kind eof and did not: then it is not noted, and the log told.
    bool end_input(std::string_view identity);

    // Commits, and waits for it.
    void flush() { sink_.flush(); }

    // Drops the tables of `retention` that are too old, and returns their names.
    std::vector<std::string> drop_old_tables(const Retention& retention);

    // Commits on time although no record comes, and lets the database do what it put off.  To be called
    // before a wait; answers how long to wait until it is to be called again, or nothing for any time.
    std::optional<std::chrono::milliseconds> rest();

    // For a rejects file that was moved away.
    void reopen_rejects();

    // Commits and closes all, and tells the log what was not as it should be.
    void close();

    // Records that the filter let through.
    std::uint64_t records() const { return records_; }

    // "12 records, 10 rows inserted, 2 already there" and what else there is to count.
    std::string counters() const;

private:
    enum class Ending : std::uint8_t { open, short_of, complete };

    void take_eof(const record::Record& record);
    bool has_partition(const record::Record& record);
    void note_implausible(std::string_view table, const record::Record& record);
    void store(const record::Record& record, const sink::Origin& origin);
    void append(select::TableSelector& selector, const record::Record& record, const sink::Origin& origin);
    bool judge_input();
    void report_lines();
    void report_tables();

    LoaderOptions options_;
    select::Router router_;
    ReportTable report_table_;
    select::TableName partition_day_{"%Y%m%d"};  // where the schema has partitions
    Log& log_;
    std::unique_ptr<Output> rejects_;
    std::uint64_t records_ = 0;
    std::uint64_t unspooled_ = 0;  // records that were taken again out of the spool
    std::uint64_t refused_ = 0;
    std::uint64_t since_eof_ = 0;
    std::uint64_t skipped_inputs_ = 0;
    std::optional<std::chrono::steady_clock::time_point> unsettled_since_;  // what end_input() has committed
    std::string input_;                                                     // its name, until it has ended
    Ending ended_ = Ending::open;
    std::array<std::uint64_t, 2> without_table_{};  // by select::TableCause
    std::uint64_t implausible_ = 0;
    std::string implausible_table_;  // the first
    Timestamp started_;
    sink::Sink sink_;
};

}  // namespace hepcap::load
