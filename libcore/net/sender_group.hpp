// Several collectors that each get every message, and the waits of a program that sends to them: for its
// input, or for the time of the next message.  While it waits connections come back and buffers empty.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "net/sender.hpp"

namespace hepcap::net {

class SenderGroup {
public:
    // `on_wake` is called twice a second at least while something is waited for; it may throw to end that.
    explicit SenderGroup(std::function<void()> on_wake) : on_wake_(std::move(on_wake)) {}

    void add(std::unique_ptr<Sender> sender) { senders_.push_back(std::move(sender)); }
    std::span<const std::unique_ptr<Sender>> senders() const { return senders_; }

    void send(Bytes message);
    void flush();
    void close();

    // Flushes, then waits until `fd` has something to read, or has ended.
    void wait_readable(int fd);
    // Flushes, then waits for that moment of CLOCK_MONOTONIC, in nanoseconds.
    void wait_until(std::int64_t moment);

    static std::int64_t now();  // of that clock

private:
    bool poll_for(int fd, std::int64_t at_most_ns);

    std::function<void()> on_wake_;
    std::vector<std::unique_ptr<Sender>> senders_;
    std::vector<pollfd> polled_;
};

}  // namespace hepcap::net
