#include "net/sender_group.hpp"

#include <algorithm>
#include <ctime>

namespace hepcap::net {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t longest_wait_ns = second_ns / 2;

timespec to_timespec(std::int64_t ns) {
    return {static_cast<std::time_t>(ns / second_ns), static_cast<long>(ns % second_ns)};
}

}  // namespace

std::int64_t SenderGroup::now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * second_ns + time.tv_nsec;
}

void SenderGroup::send(Bytes message) {
    for (const auto& sender : senders_) sender->send(message);
}

void SenderGroup::flush() {
    for (const auto& sender : senders_) sender->flush();
}

void SenderGroup::close() {
    for (const auto& sender : senders_) sender->close();
}

void SenderGroup::wait_readable(int fd) {
    flush();
    do {
        on_wake_();
    } while (!poll_for(fd, longest_wait_ns));
}

void SenderGroup::wait_until(std::int64_t moment) {
    flush();
    for (;;) {
        on_wake_();
        const std::int64_t left = moment - now();
        if (left <= 0) return;
        const auto has_socket = [](const auto& sender) { return sender->wanted().fd >= 0; };
        if (std::ranges::none_of(senders_, has_socket)) {
            // An absolute time: a wait that was interrupted, or began late, ends no later for that.
            const timespec until = to_timespec(std::min(moment, now() + longest_wait_ns));
            ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
            for (const auto& sender : senders_) sender->progress();
        } else {
            poll_for(-1, std::min(left, longest_wait_ns));
        }
    }
}

// Waits for `fd` and for what the senders want; true where `fd` is ready.
bool SenderGroup::poll_for(int fd, std::int64_t at_most_ns) {
    polled_.assign(1, pollfd{fd, POLLIN, 0});
    for (const auto& sender : senders_) {
        const Wanted wanted = sender->wanted();
        polled_.push_back({wanted.fd, wanted.events, 0});
        if (wanted.at_most.count() >= 0) {
            at_most_ns = std::min(at_most_ns, std::int64_t{wanted.at_most.count()} * 1'000'000);
        }
    }
    const timespec limit = to_timespec(at_most_ns);
    const int ready = ::ppoll(polled_.data(), polled_.size(), &limit, nullptr);
    for (const auto& sender : senders_) sender->progress();
    return ready > 0 && polled_.front().revents != 0;
}

}  // namespace hepcap::net
