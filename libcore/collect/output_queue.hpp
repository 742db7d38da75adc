// Between the workers, who must not wait, and the output, which may be slow: a queue that is bounded in
// octets, and a thread that empties it into the output.
//
// Workers put whole records, many at a time.  Where there is no room they are told so, and count what is
// lost; or, with `waits`, they wait, which passes the slowness on to the senders (TCP) or to the kernel,
// who counts (UDP).  What is in the queue is on its way at once: it is never held back for more.  Memory
// is what is queued, in pieces of 256 KiB, of which a few are kept.
//
// A pipe whose reader takes nothing any more is given up some seconds after hurry() or close().
//
// When the output fails, the queue takes and counts everything from there on, so that nobody waits for
// it; failure() says what it was.  A reader that has gone (EPIPE) is no failure, but an end.
#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file_descriptor.hpp"
#include "collect/rotated_file.hpp"
#include "collect/tally.hpp"

namespace hepcap::collect {

struct OutputOptions {
    std::string path{};              // file to create; empty: standard output
    std::string preamble{};          // what each file begins with
    std::chrono::seconds period{0};  // with a path: a file for each, see RotatedFile; 0 for one file
    std::size_t capacity = 32 * 1024 * 1024;
    bool waits = false;  // --block
};

class OutputQueue {
public:
    // Throws Error where the file cannot be created.  `on_end` is called, once and from the queue's own
    // thread, when the output has ended or failed.
    OutputQueue(OutputOptions options, SharedTally& tally, std::function<void()> on_end);
    ~OutputQueue();

    void start();

    // Copies `octets`, which hold `records` whole records; false where there is no room for them.
    [[nodiscard]] bool put(std::string_view octets, std::uint64_t records);

    // A cheap guess for those who would rather not make what cannot be put.
    bool is_full() const {
        return !options_.waits && queued_.load(std::memory_order_relaxed) >= options_.capacity;
    }
    // Whether a worker waits for room at this moment.
    bool is_waited_for() const { return waiting_.load(std::memory_order_relaxed) > 0; }
    std::size_t queued() const { return queued_.load(std::memory_order_relaxed); }

    // The file is created anew, unless it is still the same, or its period ends: after the block that is
    // being written.
    void reopen();

    // From here on a reader who takes nothing is waited for no longer than some seconds, and with him those
    // who wait for room.  To be called before waiting for them.
    void hurry() { is_hurried_.store(true); }

    // Writes what is queued and ends.  To be called when nobody puts any more.
    void close();

    // Why the output failed, for a person; nothing where it did not.  After close().
    const std::optional<std::string>& failure() const { return failure_; }
    // The reader of a pipe has gone.
    bool is_reader_gone() const { return is_reader_gone_; }

private:
    struct Piece {
        std::vector<char> octets;
        std::uint64_t records = 0;
    };

    void run();
    void write(const Piece& piece);
    void write_all(std::string_view octets);
    void write_to_file(std::string_view octets);
    // Carries out what concerns the rotated file; an Error is the output's failure.
    void rotate(const std::function<void(RotatedFile&)>& action);
    void fail(std::string sentence);
    void open_file();
    void replace_file();
    std::string name() const;
    Piece new_piece(std::size_t size);

    OutputOptions options_;
    SharedTally& tally_;
    std::function<void()> on_end_;

    std::mutex mutex_;
    std::condition_variable has_work_;
    std::condition_variable has_room_;
    std::deque<Piece> pieces_;
    std::vector<Piece> spare_;
    std::atomic<std::size_t> queued_{0};  // octets; written under the mutex
    std::atomic<int> waiting_{0};
    std::atomic<bool> is_hurried_{false};
    std::atomic<bool> is_closing_{false};
    bool wants_reopen_ = false;

    // The writing thread's own, and others' once it has ended.
    std::optional<RotatedFile> rotated_;
    FileDescriptor file_;
    int fd_ = STDOUT_FILENO;
    bool has_failed_ = false;
    bool is_reader_gone_ = false;
    std::optional<std::string> failure_;
    std::thread thread_;
};

}  // namespace hepcap::collect
