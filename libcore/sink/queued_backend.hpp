// --insert-mode async for a backend that can only wait: a thread of its own stores one group of rows while
// the next one is made, so that the time of the server and the time of its client no longer add up.
//
// Only storing is put off.  commit() comes back when all rows before it are committed, in their order, so
// whoever counts on a commit may.  What fails is thrown by the next call.  At most `depth` groups wait.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sink/backend.hpp"

namespace hepcap::sink {

class QueuedBackend final : public Backend {
public:
    explicit QueuedBackend(std::unique_ptr<Backend> backend);
    // What waits is given up.
    ~QueuedBackend() override;
    QueuedBackend(const QueuedBackend&) = delete;
    QueuedBackend& operator=(const QueuedBackend&) = delete;

    void store(const RowGroup& rows) override;
    void take_up(std::string_view table, Layout layout) override { drained().take_up(table, layout); }
    void commit() override;
    void settle() override;
    void close() override;
    bool is_finished(std::string_view input) override;
    void mark_finished(std::string_view input) override;
    std::vector<std::string> tables() override;
    void drop_table(std::string_view name) override;

private:
    static constexpr std::size_t depth = 4;

    // A group with its texts, which the batch that it came from does not keep for us.
    struct Kept {
        RowGroup rows;
        std::string text;
    };

    static Kept keep(const RowGroup& rows);
    Backend& drained();
    void run();

    std::unique_ptr<Backend> backend_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Kept> waiting_;
    bool is_busy_ = false;
    bool must_stop_ = false;
    std::exception_ptr failure_;
    std::thread thread_;
};

}  // namespace hepcap::sink
