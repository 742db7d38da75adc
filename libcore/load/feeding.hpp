// The way of the inputs into the loader, one after the other, and of the signals that come meanwhile.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "load/input_file.hpp"
#include "load/loader.hpp"

namespace hepcap::load {

struct FeedingOptions {
    std::uint64_t count = 0;  // records after which it is enough; 0: all
    bool ledger = false;  // files that were read to their end are noted in the database, and not read again
    bool has_spool = false;  // which is looked into while an input is waited for
    std::function<void(std::uint64_t records)> on_record;  // after each; may be empty
};

class Feeding {
public:
    // What became of an input.
    enum class Outcome : std::uint8_t {
        loaded,    // to its end
        short_of,  // to its end, which is not the one that --require-eof asks for; the log was told
        skipped,   // it is in the ledger
        failed,    // it could not be read, or holds no records; the log was told
        stopped,   // in the middle, by a signal or the count
    };

    // `loader` and `log` must outlive the feeding.
    Feeding(FeedingOptions options, Loader& loader, Log& log)
        : options_(std::move(options)), loader_(loader), log_(log) {}

    bool is_done() const;

    // Reads one input to its end.  `name` is a path or -; `prefix` begins sentences about its lines, where
    // there are several inputs.  An input that cannot be read is told to the log, and the next may come.
    // Throws Error where the database fails.
    Outcome read(const std::string& name, const std::string& prefix);

    // Loads what waits in the spool, if there is one and the database takes it; where that was away, it is
    // tried again when its turn has come.  Done now and then while an input is waited for.
    void read_spool();

    // What the user can do where the database has failed for good: up to which line all is stored.
    std::string advice() const;

    // Answers SIGUSR1 and SIGHUP; to be called when nothing is read for a while.
    void answer_signals();

private:
    Outcome read_records(record::NdjsonReader& reader, const InputFile& file, const std::string& prefix);
    bool read_spooled(const std::string& path);
    bool refuse(const record::NdjsonReader& reader, const record::BadLine& bad, const InputFile& file,
                const std::string& prefix);
    int before_wait();

    FeedingOptions options_;
    Loader& loader_;
    Log& log_;
    std::deque<std::string> inputs_;  // names of the last ones
    std::uint64_t forgotten_ = 0;     // inputs before those
    std::uint64_t position_ = 0;      // of the last record of an input
    bool is_in_spool_ = false;
    std::chrono::steady_clock::time_point next_look_{};  // into the spool
};

}  // namespace hepcap::load
