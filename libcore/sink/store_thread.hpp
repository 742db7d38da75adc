// The thread that a database has to itself: rows are stored on it while the next ones are read and made,
// and a commit that waits for the disk makes nobody else wait.
//
// Between the two there are never more than `depth` batches, so memory is bounded, and a database that is
// slower than the input slows the input down.  What the backend throws is kept and thrown to whoever
// asks next; what it has to say is kept and said on the caller's thread.
//
// The database fails and heals as Store has it; only what it gives up comes to the caller.
//
// The thread takes no signals: they are for the thread that waits for the input.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "sink/backend.hpp"
#include "sink/store.hpp"

namespace hepcap::sink {

// Keeps sentences until they are passed on.
class KeptLog : public Log {
public:
    // What the thread says that makes it goes to `log` at once; what others say is kept.
    explicit KeptLog(Log& log) : log_(log) {}
    void warn(std::string_view sentence) override { keep(false, sentence); }
    void error(std::string_view sentence) override { keep(true, sentence); }
    void pass_on();

private:
    void keep(bool is_error, std::string_view sentence);

    Log& log_;
    std::thread::id owner_ = std::this_thread::get_id();
    std::mutex mutex_;
    std::vector<std::pair<bool, std::string>> sentences_;
};

class StoreThread {
public:
    using Then = Store::Then;

    // `while_waiting` is called now and then by put(), ask() and wait(), on their thread.
    explicit StoreThread(
        std::unique_ptr<Store> store, std::function<void()> while_waiting = [] {});
    // What was put and is not yet begun is given up.
    ~StoreThread();
    StoreThread(const StoreThread&) = delete;
    StoreThread& operator=(const StoreThread&) = delete;

    // Hands over the rows and gives back an empty batch in their place.  Waits where `depth` batches are
    // before this one.  `finished`, where not empty, names the input whose last rows these are: it comes into
    // the ledger with them.  Throws what made the backend fail.
    void put(RowBatch& batch, Then then, std::string finished = {});

    // Calls `question` on the thread, behind all that was put, and waits for it; leaves it out while the
    // database is away.  Throws what it threw, which counts as a failure of the backend.
    void ask(const std::function<void(Backend&)>& question);

    // Waits until all that was put is done.  Throws what made the backend fail.
    void wait();

    // Throws what made the backend fail, if it did.
    void check();

    // As of the last batch that is done.
    SinkCounts counts() const;

    bool needs_lines() const { return store_->needs_lines(); }
    bool is_away() const { return store_->is_away(); }

private:
    static constexpr std::size_t depth = 2;

    struct Job {
        RowBatch batch;
        Then then = Then::nothing;
        std::string finished;
        std::function<void(Backend&)> question;
    };

    void put(Job job);
    void wait_until(std::unique_lock<std::mutex>& lock, const std::function<bool()>& holds);
    void run();
    void work_on(Job& job);

    std::unique_ptr<Store> store_;
    std::function<void()> while_waiting_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    std::vector<RowBatch> spare_;
    bool is_busy_ = false;
    bool must_stop_ = false;
    std::exception_ptr failure_;
    SinkCounts counts_;
    std::thread thread_;
};

}  // namespace hepcap::sink
