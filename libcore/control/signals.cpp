#include "control/signals.hpp"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace hepcap::control {

namespace {

volatile std::sig_atomic_t stop_flag = 0;
volatile std::sig_atomic_t report_flag = 0;
volatile std::sig_atomic_t reopen_flag = 0;
volatile std::sig_atomic_t second_stop_ends = 0;

constexpr std::int64_t ns_per_s = 1'000'000'000;
std::atomic<std::int64_t> first_stop_ns = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);  // a handler may use it

void stop(int number) {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    const std::int64_t now_ns = std::int64_t{time.tv_sec} * ns_per_s + time.tv_nsec;
    if (stop_flag == 0) {
        first_stop_ns = now_ns;
        stop_flag = 1;
    } else if (second_stop_ends != 0 && now_ns - first_stop_ns >= ns_per_s) {
        std::signal(number, SIG_DFL);
        std::raise(number);
    }
}

void install(int number, void (*action)(int)) {
    struct sigaction sa {};
    sa.sa_handler = action;
    sigaction(number, &sa, nullptr);
}

bool take(volatile std::sig_atomic_t& flag) {
    if (flag == 0) return false;
    flag = 0;
    return true;
}

}  // namespace

void install_signals() {
    install(SIGINT, stop);
    install(SIGTERM, stop);
    install(SIGUSR1, [](int) { report_flag = 1; });
    install(SIGHUP, [](int) { reopen_flag = 1; });
}

void let_second_stop_end_at_once() { second_stop_ends = 1; }

bool stop_requested() { return stop_flag != 0; }
bool take_report_request() { return take(report_flag); }
bool take_reopen_request() { return take(reopen_flag); }

}  // namespace hepcap::control
