// A place for something that is replaced while other threads use it: who has taken it keeps the old one
// until he takes it anew.
//
// Not std::atomic<std::shared_ptr>: that of libstdc++ 12 is a lock inside too, and its load() gives the
// lock up without ordering (relaxed), so that the next store() races with it.  Taking is rare.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace hepcap {

template <class T>
class SharedSlot {
public:
    SharedSlot() = default;
    explicit SharedSlot(std::shared_ptr<const T> value) : value_(std::move(value)) {}

    // Both safe from any thread.
    void set(std::shared_ptr<const T> value) {
        {
            const std::lock_guard lock(mutex_);
            value_.swap(value);
        }
        // The old one ends here, where it was the last, and not under the lock.
    }
    std::shared_ptr<const T> get() const {
        const std::lock_guard lock(mutex_);
        return value_;
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const T> value_;
};

}  // namespace hepcap
