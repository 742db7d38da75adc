#include "sink/clickhouse_writer.hpp"

#include <utility>

#include "base/signals_blocked.hpp"
#include "sink/clickhouse_ledger.hpp"

namespace hepcap::sink {

ClickHouseBlock::Stored store_work(ClickHouseServer& server, const ClickHouseWork& work) {
    ClickHouseBlock::Stored sum;
    for (const ClickHouseBlock& block : work.blocks) {
        const ClickHouseBlock::Stored stored = block.store(server);
        sum.inserted += stored.inserted;
        sum.already_there += stored.already_there;
    }
    for (const std::string& input : work.inputs) add_to_ledger(server, input);
    return sum;
}

ClickHouseWriter::~ClickHouseWriter() {
    {
        const std::lock_guard lock(mutex_);
        must_stop_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

ClickHouseBlock::Stored ClickHouseWriter::give(ClickHouseWork work) {
    const ClickHouseBlock::Stored before = wait();
    {
        const std::lock_guard lock(mutex_);
        work_ = std::move(work);
    }
    changed_.notify_all();
    if (!thread_.joinable()) {
        const SignalsBlocked blocked;
        thread_ = std::thread([this] { run(); });
    }
    return before;
}

ClickHouseBlock::Stored ClickHouseWriter::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !work_; });
    if (failure_) std::rethrow_exception(failure_);
    return std::exchange(stored_, {});
}

void ClickHouseWriter::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return must_stop_ || work_; });
        if (must_stop_) return;
        lock.unlock();
        ClickHouseBlock::Stored stored;
        std::exception_ptr failure;
        try {
            server_.connect_once();
            stored = store_work(server_, *work_);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        work_.reset();
        stored_ = stored;
        failure_ = failure;
        changed_.notify_all();
        if (failure) return;
    }
}

}  // namespace hepcap::sink
