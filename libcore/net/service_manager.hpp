// What a service manager (systemd) and a service say to each other, without its library: sockets that
// are handed over (sd_listen_fds(3)), and "ready", "stopping", "alive" on a socket (sd_notify(3)).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace hepcap::net {

// The variables of the environment, as they stand; null where absent.
struct ServiceEnvironment {
    const char* notify_socket = nullptr;   // NOTIFY_SOCKET
    const char* watchdog_usec = nullptr;   // WATCHDOG_USEC
    const char* watchdog_pid = nullptr;    // WATCHDOG_PID
    const char* listen_fds = nullptr;      // LISTEN_FDS
    const char* listen_pid = nullptr;      // LISTEN_PID
    const char* listen_fdnames = nullptr;  // LISTEN_FDNAMES
};

class ServiceManager {
public:
    // `own_pid` tells variables that were meant for another process.
    ServiceManager(const ServiceEnvironment& environment, int own_pid);

    // How many descriptors were handed over, from 3 on, and their names between colons.
    int handed_over() const { return handed_over_; }
    const std::string& names() const { return names_; }

    // Half of the time in which a sign of life is expected; 0: none is.
    std::chrono::microseconds alive_interval() const { return alive_interval_; }

    // Tells the manager, where there is one: "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=…".
    void tell(std::string_view state) const;

private:
    std::string socket_;
    std::string names_;
    int handed_over_ = 0;
    std::chrono::microseconds alive_interval_{0};
};

}  // namespace hepcap::net
