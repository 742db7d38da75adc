#include "sink/queued_backend.hpp"

#include <algorithm>
#include <utility>

#include "base/signals_blocked.hpp"

namespace hepcap::sink {

QueuedBackend::QueuedBackend(std::unique_ptr<Backend> backend) : backend_(std::move(backend)) {
    const SignalsBlocked blocked;
    thread_ = std::thread([this] { run(); });
}

QueuedBackend::~QueuedBackend() {
    {
        const std::lock_guard lock(mutex_);
        must_stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

QueuedBackend::Kept QueuedBackend::keep(const RowGroup& rows) {
    Kept kept{.rows = rows, .text = {}};
    std::size_t octets = 0;
    for (const Value& value : rows.values) octets += value.is_textual() ? value.size : 0;
    // On the heap, whatever the size: moving the string must not move its characters.
    kept.text.reserve(std::max(octets, sizeof(std::string)));
    for (Value& value : kept.rows.values) {
        if (!value.is_textual()) continue;
        const std::size_t begin = kept.text.size();
        kept.text += value.text();
        value.data = kept.text.data() + begin;
    }
    return kept;
}

void QueuedBackend::store(const RowGroup& rows) {
    Kept kept = keep(rows);
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_.size() < depth || failure_; });
        if (failure_) std::rethrow_exception(failure_);
        waiting_.push_back(std::move(kept));
    }
    changed_.notify_all();
}

// The backend, when nothing is on its way any more: nobody else uses it then.
Backend& QueuedBackend::drained() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return (waiting_.empty() && !is_busy_) || failure_; });
    if (failure_) std::rethrow_exception(failure_);
    return *backend_;
}

void QueuedBackend::commit() {
    drained().commit();
    counts_ = backend_->counts();
}

void QueuedBackend::settle() {
    drained().settle();
    counts_ = backend_->counts();
}

void QueuedBackend::close() {
    drained().close();
    counts_ = backend_->counts();
}

bool QueuedBackend::is_finished(std::string_view input) { return drained().is_finished(input); }

void QueuedBackend::mark_finished(std::string_view input) { drained().mark_finished(input); }

std::vector<std::string> QueuedBackend::tables() { return drained().tables(); }

void QueuedBackend::drop_table(std::string_view name) { drained().drop_table(name); }

void QueuedBackend::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return must_stop_ || !waiting_.empty(); });
        if (must_stop_) return;
        const Kept kept = std::move(waiting_.front());
        waiting_.pop_front();
        is_busy_ = true;
        lock.unlock();
        changed_.notify_all();
        std::exception_ptr failure;
        try {
            backend_->store(kept.rows);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        is_busy_ = false;
        failure_ = failure;
        changed_.notify_all();
        if (failure_) return;
    }
}

}  // namespace hepcap::sink
