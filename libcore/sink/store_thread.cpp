#include "sink/store_thread.hpp"

#include <utility>

#include "base/signals_blocked.hpp"

namespace hepcap::sink {

void KeptLog::keep(bool is_error, std::string_view sentence) {
    if (std::this_thread::get_id() == owner_) {
        pass_on();
        is_error ? log_.error(sentence) : log_.warn(sentence);
        return;
    }
    const std::lock_guard lock(mutex_);
    sentences_.emplace_back(is_error, sentence);
}

void KeptLog::pass_on() {
    std::vector<std::pair<bool, std::string>> sentences;
    {
        const std::lock_guard lock(mutex_);
        sentences.swap(sentences_);
    }
    for (const auto& [is_error, sentence] : sentences) {
        if (is_error) {
            log_.error(sentence);
        } else {
            log_.warn(sentence);
        }
    }
}

StoreThread::StoreThread(std::unique_ptr<Store> store, std::function<void()> while_waiting)
    : store_(std::move(store)), while_waiting_(std::move(while_waiting)) {
    const SignalsBlocked blocked;
    thread_ = std::thread([this] { run(); });
}

StoreThread::~StoreThread() {
    {
        const std::lock_guard lock(mutex_);
        must_stop_ = true;
    }
    store_->abandon();
    changed_.notify_all();
    thread_.join();
}

void StoreThread::put(RowBatch& batch, Then then, std::string finished) {
    put({std::move(batch), then, std::move(finished), {}});
    batch = RowBatch();
    const std::lock_guard lock(mutex_);
    if (spare_.empty()) return;
    batch = std::move(spare_.back());
    spare_.pop_back();
}

void StoreThread::put(Job job) {
    {
        std::unique_lock lock(mutex_);
        wait_until(lock, [this] { return jobs_.size() < depth || failure_; });
        if (failure_) std::rethrow_exception(failure_);
        jobs_.push_back(std::move(job));
    }
    changed_.notify_all();
}

void StoreThread::ask(const std::function<void(Backend&)>& question) {
    put({RowBatch(), Then::nothing, {}, question});
    wait();
}

void StoreThread::wait() {
    std::unique_lock lock(mutex_);
    wait_until(lock, [this] { return (jobs_.empty() && !is_busy_) || failure_; });
    if (failure_) std::rethrow_exception(failure_);
}

void StoreThread::wait_until(std::unique_lock<std::mutex>& lock, const std::function<bool()>& holds) {
    constexpr std::chrono::milliseconds look_every{200};
    while (!changed_.wait_for(lock, look_every, holds)) {
        lock.unlock();
        while_waiting_();
        lock.lock();
    }
}

void StoreThread::check() {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
}

SinkCounts StoreThread::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

void StoreThread::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return must_stop_ || !jobs_.empty(); });
        if (must_stop_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        is_busy_ = true;
        lock.unlock();
        changed_.notify_all();
        std::exception_ptr failure;
        try {
            work_on(job);
        } catch (...) {
            failure = std::current_exception();
        }
        job.batch.clear();
        lock.lock();
        is_busy_ = false;
        counts_ = store_->counts();
        if (!job.question) spare_.push_back(std::move(job.batch));
        if (failure) {
            failure_ = failure;
            changed_.notify_all();
            return;
        }
        if (jobs_.empty()) changed_.notify_all();
    }
}

void StoreThread::work_on(Job& job) {
    if (job.question) {
        store_->ask(job.question);
    } else {
        store_->store(job.batch, job.then, job.finished);
    }
}

}  // namespace hepcap::sink
