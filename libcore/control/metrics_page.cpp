#include "control/metrics_page.hpp"

#include <fmt/core.h>
#include <microhttpd.h>
#include <sys/socket.h>

#include "base/error.hpp"

namespace hepcap::control {

namespace {

constexpr std::uint16_t default_port = 9160;
constexpr unsigned idle_seconds = 10;
constexpr std::chrono::seconds longest_connection{30};
constexpr std::size_t memory_limit = 16 * 1024;

FileDescriptor listen_on(const std::string& text) {
    const net::SocketAddress address = parse_metrics_address(text);
    int cause = 0;
    for (const net::ResolvedAddress& a : net::resolve(address, net::Purpose::listen)) {
        FileDescriptor socket(::socket(a.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const int yes = 1;
        if (socket && ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
            ::bind(socket.get(), a.get(), a.size) == 0 && ::listen(socket.get(), 16) == 0) {
            return socket;
        }
        cause = errno;
    }
    throw Error(fmt::format("cannot serve metrics on '{}': {}", text, errno_text(cause)));
}

}  // namespace

net::SocketAddress parse_metrics_address(const std::string& text) {
    return net::parse_host_and_port(net::SocketAddress::Protocol::tcp, text, default_port);
}

// What libmicrohttpd calls, on the thread that runs it.
struct MetricsPage::Callbacks {
    static MHD_Result answer(void* self, MHD_Connection* connection, const char* path, const char* method,
                             const char* /*version*/, const char* /*body*/, std::size_t* body_size,
                             void** seen) {
        // The library calls once for the header, then for each piece of a body, then for the end.
        static constexpr int header_seen = 1;
        if (!*seen) {
            *seen = const_cast<int*>(&header_seen);
            return MHD_YES;
        }
        if (*body_size != 0) {
            *body_size = 0;  // nobody needs it
            return MHD_YES;
        }
        const std::string_view verb(method);
        if (verb != MHD_HTTP_METHOD_GET && verb != MHD_HTTP_METHOD_HEAD) {
            return respond(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
        }
        if (std::string_view(path) != "/metrics") {
            return respond(connection, MHD_HTTP_NOT_FOUND, "the page is /metrics\n");
        }
        std::string text;
        static_cast<MetricsPage*>(self)->counters_.render_prometheus(text);
        return respond(connection, MHD_HTTP_OK, text);
    }

    static MHD_Result respond(MHD_Connection* connection, unsigned status, std::string_view text) {
        MHD_Response* const response = MHD_create_response_from_buffer(
            text.size(), const_cast<char*>(text.data()), MHD_RESPMEM_MUST_COPY);
        if (!response) return MHD_NO;
        MHD_add_response_header(
            response, MHD_HTTP_HEADER_CONTENT_TYPE,
            status == MHD_HTTP_OK ? "text/plain; version=0.0.4; charset=utf-8" : "text/plain; charset=utf-8");
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
        if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
            MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
        }
        const MHD_Result queued = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
        return queued;
    }

    static void note_connection(void* self, MHD_Connection* connection, void** /*context*/,
                                MHD_ConnectionNotificationCode code) {
        auto& connections = static_cast<MetricsPage*>(self)->connections_;
        const MHD_ConnectionInfo* const info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (!info) return;
        const int fd = info->connect_fd;
        connections.remove_if([fd](const Connection& c) { return c.fd == fd; });
        if (code == MHD_CONNECTION_NOTIFY_STARTED)
            connections.push_back({fd, Clock::now() + longest_connection});
    }
};

MetricsPage::MetricsPage(const std::string& address, const Counters& counters)
    : counters_(counters), listener_(listen_on(address)) {
    daemon_ = MHD_start_daemon(MHD_USE_EPOLL, 0, nullptr, nullptr, &Callbacks::answer, this,
                               MHD_OPTION_LISTEN_SOCKET, listener_.get(), MHD_OPTION_CONNECTION_LIMIT,
                               max_connections, MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
                               MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory_limit, MHD_OPTION_NOTIFY_CONNECTION,
                               &Callbacks::note_connection, this, MHD_OPTION_END);
    if (!daemon_) throw Error(fmt::format("cannot serve metrics on '{}': out of memory", address));
    listener_.release();  // the library's now
    epoll_ = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

MetricsPage::~MetricsPage() { MHD_stop_daemon(daemon_); }

std::uint16_t MetricsPage::port() const {
    return MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void MetricsPage::prepare(Waiting& waiting) const {
    waiting.want(epoll_, POLLIN);
    MHD_UNSIGNED_LONG_LONG timeout_ms = 0;
    if (MHD_get_timeout(daemon_, &timeout_ms) == MHD_YES) {
        waiting.until(Clock::now() + std::chrono::milliseconds(timeout_ms));
    }
    for (const Connection& c : connections_) waiting.until(c.deadline);
}

void MetricsPage::serve() {
    const auto now = Clock::now();
    for (Connection& c : connections_) {
        if (now < c.deadline) continue;
        ::shutdown(c.fd, SHUT_RDWR);  // the library sees the end and clears up
        c.deadline = now + longest_connection;
    }
    MHD_run(daemon_);
}

}  // namespace hepcap::control
