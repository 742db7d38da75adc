// What stands between the rows and a backend that may fail: it makes backends, and when one fails for a
// while (Error with ExitCode::temporary) it makes another, as often as the user allows, and stores the
// rows since the last commit once more.  When that does not help either, their records go to the spool,
// or the load ends and the caller is told up to where all is stored.
//
// The tries are those of Kamailio's insert_retries and insert_retry_timeout: N retries are N + 2 tries in
// all (none: one), and no more of them once so many seconds have passed since the first retry failed.
// The module does not wait between two; here a pause doubles from a fifth of a second to ten (Backoff).
//
// Memory: with retries or a spool, the rows of a transaction, which is ended early where they take more
// than `most_held` octets; without, one batch.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/backoff.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "sink/backend.hpp"
#include "sink/rows.hpp"
#include "sink/spool.hpp"

namespace hepcap::sink {

struct RetryOptions {
    unsigned retries = 0;
    std::chrono::seconds retry_timeout{60};
    // A restart that is over sooner is nobody's concern; then it is said what is waited for.
    std::chrono::milliseconds silent_for{2000};
    // Whether the user wants an end: nothing is waited for any more.  Asked on the thread that stores.
    std::function<bool()> must_end = [] { return false; };
};

// What a database refuses and will go on refusing (a password, a right, a table that does not fit) has
// nothing to do with the input: only its keeper, or another URL or option, can mend it.
inline Error refused_for_good(const Error& cause) { return Error(cause.what(), ExitCode::usage); }

class Store {
public:
    using MakeBackend = std::function<std::unique_ptr<Backend>()>;
    enum class Then : std::uint8_t { nothing, commit, settle, close };

    static constexpr std::size_t most_held = std::size_t{24} << 20;

    // Makes the first backend.  `spool` may be null; both it and `log` must outlive the store.  Throws
    // Error, as all of these do, where the database fails and neither tries nor a spool are left.
    Store(MakeBackend make, RetryOptions options, Spool* spool, Log& log);

    // Stores the rows of the batch, which is empty then, notes `finished` in the ledger where it names an
    // input, and does what is to be done behind them.
    void store(RowBatch& batch, Then then, const std::string& finished = {});

    // Whether batches are to keep the lines of their records.
    bool needs_lines() const { return spool_ != nullptr; }

    // The database is given up for now, and records go to the spool.
    bool is_away() const { return is_away_; }

    // What became of all rows so far.
    SinkCounts counts() const;

    // Calls `question` with the backend; tried again like rows, and left out while the database is away.
    void ask(const std::function<void(Backend&)>& question);

    // To be called from any thread: a pause between two tries ends at once, and nothing more is tried.
    void abandon() { is_abandoned_ = true; }

private:
    class Tries;

    bool may_hold() const { return options_.retries > 0 || spool_ != nullptr; }
    void attempt(const std::function<void(Backend&)>& work);
    void make_backend();
    void store_held();
    void finish(Backend& backend, Then then);
    void note_committed();
    void release_held();
    void lose_backend();
    bool is_to_be_left_alone(Then then) const;
    bool pause(std::chrono::milliseconds length) const;
    void give_up(const Error& cause);
    void spool_held();
    bool must_end() const { return is_abandoned_ || options_.must_end(); }

    MakeBackend make_;
    RetryOptions options_;
    Spool* spool_;
    Log& log_;
    std::unique_ptr<Backend> backend_;
    std::map<std::string, Layout, std::less<>> unsettled_;  // tables stored into; as many as are kept open
    std::vector<RowBatch> held_;                            // since the last commit
    std::vector<RowBatch> spare_;
    std::size_t stored_ = 0;  // of held_, by backend_
    std::size_t held_octets_ = 0;
    SinkCounts before_;     // of the backends before this one
    SinkCounts committed_;  // of all, as of the last commit
    std::uint64_t spooled_ = 0;
    std::uint64_t stored_position_ = 0;
    std::uint64_t position_ = 0;
    std::atomic<bool> is_abandoned_ = false;
    std::atomic<bool> is_away_ = false;
    Backoff absence_;
    std::chrono::steady_clock::time_point next_try_{};
};

}  // namespace hepcap::sink
