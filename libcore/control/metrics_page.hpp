// GET /metrics over HTTP/1.1, for Prometheus to scrape.
//
// libmicrohttpd parses and answers; this room owns the listening socket and calls the library from the
// control thread, so that there is no other.  What a client can hold is bounded: connections by number,
// each by memory, by idle time and, since a request is all that a connection is for, by its whole life.
// The page is plain HTTP and tells everybody who asks; its address says who can.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "base/file_descriptor.hpp"
#include "control/counters.hpp"
#include "control/waiting.hpp"
#include "net/address.hpp"

struct MHD_Daemon;

namespace hepcap::control {

// HOST, HOST:PORT or :PORT; throws Error (usage).
net::SocketAddress parse_metrics_address(const std::string& text);

class MetricsPage {
public:
    static constexpr unsigned max_connections = 16;

    // Listens on HOST:PORT; throws Error.
    MetricsPage(const std::string& address, const Counters& counters);
    ~MetricsPage();
    MetricsPage(const MetricsPage&) = delete;
    MetricsPage& operator=(const MetricsPage&) = delete;

    void prepare(Waiting& waiting) const;
    void serve();

    // The port, for those who asked for 0.
    std::uint16_t port() const;

private:
    struct Connection {
        int fd;
        Clock::time_point deadline;
    };
    struct Callbacks;

    const Counters& counters_;
    FileDescriptor listener_;
    MHD_Daemon* daemon_ = nullptr;
    int epoll_ = -1;
    std::list<Connection> connections_;
};

}  // namespace hepcap::control
