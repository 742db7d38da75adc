#include "control/signals.hpp"

#include <csignal>

namespace hepcap::control {

namespace {

volatile std::sig_atomic_t stop_flag = 0;
volatile std::sig_atomic_t report_flag = 0;
volatile std::sig_atomic_t reopen_flag = 0;

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
    install(SIGINT, [](int) { stop_flag = 1; });
    install(SIGTERM, [](int) { stop_flag = 1; });
    install(SIGUSR1, [](int) { report_flag = 1; });
    install(SIGHUP, [](int) { reopen_flag = 1; });
}

bool stop_requested() { return stop_flag != 0; }
bool take_report_request() { return take(report_flag); }
bool take_reopen_request() { return take(reopen_flag); }

}  // namespace hepcap::control
