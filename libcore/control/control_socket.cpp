#include "control/control_socket.hpp"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>

#include "base/error.hpp"

namespace hepcap::control {

namespace {

// Answers that wait to be taken, before a client's next request is read.
constexpr std::size_t most_waiting = 256 * 1024;
// How long a request may stay unfinished, and an answer untaken.
constexpr std::chrono::seconds patience{10};

struct UnixAddress {
    sockaddr_un address{};
    socklen_t size = 0;
};

UnixAddress unix_address(const std::string& path) {
    UnixAddress u;
    if (path.empty() || path.size() >= sizeof u.address.sun_path || path.find('\0') != std::string::npos) {
        throw Error(fmt::format("'{}' is no path for a socket: it must have 1 to {} octets", path,
                                sizeof u.address.sun_path - 1),
                    ExitCode::usage);
    }
    u.address.sun_family = AF_UNIX;
    std::memcpy(u.address.sun_path, path.c_str(), path.size() + 1);
    u.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    return u;
}

const sockaddr* generic(const UnixAddress& u) { return reinterpret_cast<const sockaddr*>(&u.address); }

// Takes away what a process that ended without cleaning up has left.
void remove_stale(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) return;
    if (!S_ISSOCK(found.st_mode)) {
        throw Error(fmt::format("cannot make the control socket '{}': there is a file of that name", path));
    }
    if (connect_control(path)) {
        throw Error(
            fmt::format("cannot make the control socket '{}': another process answers there; stop it "
                        "or choose another path",
                        path));
    }
    if (errno == ECONNREFUSED && ::unlink(path.c_str()) != 0 && errno != ENOENT) {
        throw Error(fmt::format("cannot remove the old control socket '{}': {}", path, errno_text(errno)));
    }
}

}  // namespace

void check_control_path(const std::string& path) { unix_address(path); }

FileDescriptor connect_control(const std::string& path) {
    const UnixAddress address = unix_address(path);
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket || ::connect(socket.get(), generic(address), address.size) == 0) return socket;
    // EAGAIN says that somebody listens and is busy: that is an answer, too, but no connection.
    const int cause = errno;
    socket.reset();
    errno = cause;
    return socket;
}

ControlSocket::ControlSocket(std::string path, Answer answer, Traffic& traffic)
    : path_(std::move(path)), answer_(std::move(answer)), traffic_(traffic) {
    const UnixAddress address = unix_address(path_);
    remove_stale(path_);
    listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    // The mode of the socket becomes that of its file, so there is no moment at which others could
    // connect.
    struct stat made {};
    if (!listener_ || ::fchmod(listener_.get(), 0600) != 0 ||
        ::bind(listener_.get(), generic(address), address.size) != 0 || ::listen(listener_.get(), 16) != 0 ||
        ::lstat(path_.c_str(), &made) != 0) {
        throw Error(fmt::format("cannot make the control socket '{}': {}", path_, errno_text(errno)));
    }
    device_ = made.st_dev;
    inode_ = made.st_ino;
}

ControlSocket::~ControlSocket() {
    struct stat found {};
    if (::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_) {
        ::unlink(path_.c_str());
    }
}

void ControlSocket::prepare(Waiting& waiting) const {
    if (Clock::now() >= deaf_until_) {
        waiting.want(listener_.get(), POLLIN);
    } else {
        waiting.until(deaf_until_);
    }
    for (const Client& client : clients_) {
        const bool reads = !client.is_ending && !client.is_paused;
        const bool writes = client.is_paused || !client.answers.empty();
        waiting.want(client.socket.get(), static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)));
        if (client.requests.is_within() || !client.answers.empty()) waiting.until(client.since + patience);
    }
}

void ControlSocket::serve(const Waiting& waiting) {
    const auto now = Clock::now();
    for (auto client = clients_.begin(); client != clients_.end();) {
        const short events = waiting.at(client->socket.get());
        bool stays = events == 0 || serve_client(*client, events);
        const bool is_waited_for = client->requests.is_within() || !client->answers.empty();
        if (stays && is_waited_for && now - client->since > patience) {
            traffic_.slow.add();
            stays = false;
        }
        client = stays ? std::next(client) : clients_.erase(client);
    }
    if (waiting.at(listener_.get()) != 0) accept_clients();
}

void ControlSocket::accept_clients() {
    for (;;) {
        FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket) {
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
                deaf_until_ = Clock::now() + std::chrono::seconds(1);
            }
            return;
        }
        if (clients_.size() == max_clients) {
            const auto idle =
                std::min_element(clients_.begin(), clients_.end(),
                                 [](const Client& a, const Client& b) { return a.since < b.since; });
            clients_.erase(idle);
            traffic_.crowd.add();
        }
        Client& client = clients_.emplace_back();
        client.socket = std::move(socket);
        client.since = Clock::now();
    }
}

bool ControlSocket::serve_client(Client& client, short events) {
    if ((events & POLLERR) != 0) return false;
    if ((events & (POLLIN | POLLHUP)) != 0 && !client.is_ending && !read_requests(client)) return false;
    answer_requests(client);
    if (!client.answers.empty() && !write_answers(client)) return false;
    return !client.is_ending || client.is_paused || !client.answers.empty();
}

bool ControlSocket::read_requests(Client& client) {
    char octets[16 * 1024];
    const ssize_t got = ::recv(client.socket.get(), octets, sizeof octets, 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    client.since = Clock::now();
    client.is_ending = got == 0;
    client.requests.append({octets, static_cast<std::size_t>(got)});
    return true;
}

void ControlSocket::answer_requests(Client& client) {
    const auto take = [&](std::string_view text) {
        const std::string line = answer_(text);
        if (!line.empty()) client.answers += line + "\n";
    };
    client.is_paused = false;
    while (const auto text = client.requests.next()) {
        take(*text);
        client.is_paused = client.answers.size() >= most_waiting;
        if (client.is_paused) return;
    }
    if (client.requests.is_too_long()) {
        traffic_.too_long.add();
        client.answers += R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request",)"
                          R"("data":"the request is longer than 65536 octets"},"id":null})"
                          "\n";
        client.requests.clear();
        client.is_ending = true;
    }
    // A request without its end is no JSON, and its sender is told so.
    if (client.is_ending) {
        const std::string_view rest = client.requests.rest();
        if (!rest.empty()) take(rest);
    }
}

bool ControlSocket::write_answers(Client& client) {
    const ssize_t put =
        ::send(client.socket.get(), client.answers.data(), client.answers.size(), MSG_NOSIGNAL);
    if (put < 0) return errno == EAGAIN || errno == EINTR;
    client.answers.erase(0, static_cast<std::size_t>(put));
    client.since = Clock::now();
    return true;
}

}  // namespace hepcap::control
