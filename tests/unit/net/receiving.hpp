// What the tests of receivers share: a consumer that remembers, and sockets on loopback.
#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/bound_socket.hpp"
#include "net/consumer.hpp"

namespace hepcap::net {

class SilentLog : public Log {
public:
    void warn(std::string_view) override {}
    void error(std::string_view) override {}
};

// Frames are a digit and as many octets; '!' begins none.
class Recorder : public StreamConsumer {
public:
    void take(Bytes octets, const Arrival& arrival) override {
        const std::lock_guard lock(mutex_);
        taken_.emplace_back(as_text(octets));
        arrivals_.push_back(arrival);
    }
    void before_wait() override { ++waits; }
    void kernel_dropped(std::uint64_t datagrams) override { drops += datagrams; }
    bool admits(const Endpoint&) override { return admits_all; }
    std::ptrdiff_t frame_size(Bytes beginning) override {
        return beginning[0] >= '0' && beginning[0] <= '9' ? beginning[0] - '0' + 1 : -1;
    }
    void connected(const Arrival&) override { ++connections; }
    void disconnected(const Arrival&, CloseCause cause, Bytes unfinished, std::string_view detail) override {
        const std::lock_guard lock(mutex_);
        causes_.emplace_back(close_cause_name(cause));
        lost += unfinished.size();
        last_detail_ = detail;
    }

    std::vector<std::string> taken() const {
        const std::lock_guard lock(mutex_);
        return taken_;
    }
    std::vector<Arrival> arrivals() const {
        const std::lock_guard lock(mutex_);
        return arrivals_;
    }
    std::vector<std::string> causes() const {
        const std::lock_guard lock(mutex_);
        return causes_;
    }
    std::string last_detail() const {
        const std::lock_guard lock(mutex_);
        return last_detail_;
    }

    std::atomic<std::uint64_t> waits{0};
    std::atomic<std::uint64_t> drops{0};
    std::atomic<std::uint64_t> connections{0};
    std::atomic<std::uint64_t> lost{0};
    std::atomic<bool> admits_all{true};

private:
    mutable std::mutex mutex_;
    std::vector<std::string> taken_;
    std::vector<Arrival> arrivals_;
    std::vector<std::string> causes_;
    std::string last_detail_;
};

// Waits until `holds()`, five seconds at most; what it came to.
template <class Holds>
bool eventually(Holds&& holds) {
    for (int i = 0; i < 500; ++i) {
        if (holds()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return holds();
}

inline FileDescriptor connect_to(const BoundSocket& socket) {
    const ResolvedAddress address = resolved(socket.local);
    const int type = socket.protocol == SocketAddress::Protocol::udp ? SOCK_DGRAM : SOCK_STREAM;
    FileDescriptor fd(::socket(address.family(), type | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(fd.get(), address.get(), address.size) == 0);
    return fd;
}

inline void send_text(const FileDescriptor& fd, std::string_view text) {
    REQUIRE(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
}

}  // namespace hepcap::net
