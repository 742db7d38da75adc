#include "control/client.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <thread>

#include "base/error.hpp"
#include "control/control_socket.hpp"

namespace hepcap::control {

namespace {

// All counters of a collector are some ten thousand octets.
constexpr std::size_t longest_answer = 16 * 1024 * 1024;

std::string way_out(int cause) {
    switch (cause) {
        case ENOENT: return "; is the tool running with --control of that path?";
        case ECONNREFUSED: return "; the tool that made it is not running any more";
        case EACCES: return "; ask as the user whom the tool runs as, or as root";
        default: return "";
    }
}

}  // namespace

ControlClient::ControlClient(std::string path, std::chrono::milliseconds patience)
    : path_(std::move(path)), patience_(patience), socket_(connect_control(path_)) {
    // EAGAIN: so many want to connect at the moment that there is no room to wait in.
    constexpr std::chrono::milliseconds pause{10};
    const auto deadline = std::chrono::steady_clock::now() + patience_;
    while (!socket_ && errno == EAGAIN && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(pause);
        socket_ = connect_control(path_);
    }
    if (socket_) return;
    const int cause = errno;
    throw Error(fmt::format("cannot connect to the control socket '{}': {}{}", path_, errno_text(cause),
                            way_out(cause)),
                cause == EAGAIN ? ExitCode::temporary : ExitCode::data_error);
}

void ControlClient::wait_for(short event, std::chrono::steady_clock::time_point deadline) const {
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        pollfd ready{socket_.get(), event, 0};
        if (left > 0 && ::poll(&ready, 1, static_cast<int>(left)) > 0) return;
        if (left <= 0) {
            throw Error(fmt::format("no answer from '{}' within {} ms", path_, patience_.count()),
                        ExitCode::temporary);
        }
    }
}

std::string ControlClient::ask(std::string_view request) {
    const auto deadline = std::chrono::steady_clock::now() + patience_;
    const std::string line = std::string(request) + "\n";
    for (std::string_view rest = line; !rest.empty();) {
        const ssize_t put = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (put >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(put));
        } else if (errno == EAGAIN) {
            wait_for(POLLOUT, deadline);
        } else if (errno != EINTR) {
            throw Error(fmt::format("cannot write to '{}': {}", path_, errno_text(errno)));
        }
    }
    std::string answer;
    while (!answer.ends_with('\n')) {
        char octets[16 * 1024];
        const ssize_t got = ::recv(socket_.get(), octets, sizeof octets, 0);
        if (got > 0) {
            answer.append(octets, static_cast<std::size_t>(got));
            if (answer.size() > longest_answer)
                throw Error(fmt::format("the answer of '{}' does not end", path_));
        } else if (got < 0 && errno == EAGAIN) {
            wait_for(POLLIN, deadline);
        } else if (got == 0) {
            throw Error(fmt::format("'{}' closed the connection without an answer", path_));
        } else if (errno != EINTR) {
            throw Error(fmt::format("cannot read from '{}': {}", path_, errno_text(errno)));
        }
    }
    answer.pop_back();
    return answer;
}

}  // namespace hepcap::control
