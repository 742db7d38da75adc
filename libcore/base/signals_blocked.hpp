// While it lives, the thread that made it gets no signals, and threads that it starts never do: they are for
// the thread that waits for the input.
#pragma once

#include <pthread.h>

#include <csignal>
#include <initializer_list>

namespace hepcap {

class SignalsBlocked {
public:
    // All signals but those of `spared`.
    explicit SignalsBlocked(std::initializer_list<int> spared = {}) {
        sigset_t all;
        sigfillset(&all);
        for (const int signal : spared) sigdelset(&all, signal);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_{};
};

}  // namespace hepcap
