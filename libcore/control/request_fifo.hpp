// A FIFO that requests are written to: made here, mode 0660 as Kamailio makes its own, read without
// waiting.  Several processes write to it, and nothing tells whose octets are whose; a request that is
// begun and not ended within a second is dropped, so that it does not swallow the next one.
//
// Framer is JsonFramer or MiFramer.
#pragma once

#include <unistd.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/file_descriptor.hpp"
#include "control/traffic.hpp"
#include "control/waiting.hpp"

namespace hepcap::control {

// A FIFO with a name, open for reading.
class NamedFifo {
public:
    // Makes it; one that a dead process left behind is replaced.  Throws Error where another process
    // reads it, and where the path is something else.
    explicit NamedFifo(std::string path);
    // Removes it, if the path still leads to it.
    ~NamedFifo();
    NamedFifo(const NamedFifo&) = delete;
    NamedFifo& operator=(const NamedFifo&) = delete;

    int fd() const { return fifo_.get(); }

private:
    std::string path_;
    FileDescriptor fifo_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

template <class Framer>
class RequestFifo {
public:
    using Take = std::function<void(std::string_view)>;

    RequestFifo(const std::string& path, Take take, Traffic& traffic)
        : fifo_(path), take_(std::move(take)), traffic_(traffic) {}

    void prepare(Waiting& waiting) const {
        waiting.want(fifo_.fd(), POLLIN);
        if (requests_.is_within()) waiting.until(since_ + patience);
    }

    void serve(const Waiting& waiting) {
        if (waiting.at(fifo_.fd()) != 0) read();
        if (requests_.is_within() && Clock::now() - since_ > patience) {
            traffic_.incomplete.add();
            requests_.clear();
        }
    }

private:
    static constexpr std::chrono::seconds patience{1};

    void read() {
        char octets[16 * 1024];
        const ssize_t got = ::read(fifo_.fd(), octets, sizeof octets);
        if (got <= 0) return;
        since_ = Clock::now();
        requests_.append({octets, static_cast<std::size_t>(got)});
        while (const auto text = requests_.next()) take_(*text);
        if (requests_.is_too_long()) {
            traffic_.too_long.add();
            requests_.clear();
        }
    }

    NamedFifo fifo_;
    Take take_;
    Traffic& traffic_;
    Framer requests_{max_request};
    Clock::time_point since_{};
};

}  // namespace hepcap::control
