#include "net/stream_server.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/error.hpp"
#include "net/socket_option.hpp"

namespace hepcap::net {

namespace {

constexpr std::size_t room_size = 256 * 1024;
constexpr int tick_ms = 1000;
constexpr std::size_t events_at_once = 256;
constexpr int accepts_at_once = 64;
// One that sends without end must let the others have their turn.
constexpr int reads_at_once = 8;
constexpr std::chrono::seconds longest_finish{5};

// A peer that has gone without a word is noticed after two minutes.
void watch_for_silence(int fd) {
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

FileDescriptor open_spare() { return FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

struct StreamServer::Connection {
    FileDescriptor fd;
    Arrival arrival;  // its time is that of the octets last read
    std::unique_ptr<TlsSession> tls;
    std::shared_ptr<const TlsContext> context;
    FrameAssembler assembler;
    Clock::time_point last_octet;
    Clock::time_point begun;  // the handshake, then the frame that is not finished
    std::uint64_t frames = 0;
    bool is_shaking_hands = false;
    bool watches_writing = false;
};

StreamServer::StreamServer(std::vector<BoundSocket> sockets, const StreamLimits& limits,
                           StreamConsumer& consumer, const TlsSlot& tls, const StopSignal& stop)
    : listeners_(std::move(sockets)),
      limits_(limits),
      consumer_(consumer),
      tls_(tls),
      stop_(stop),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      spare_(open_spare()),
      room_(std::make_unique_for_overwrite<std::uint8_t[]>(room_size)),
      now_(Clock::now()) {
    if (!epoll_ || !spare_) {
        throw Error("cannot wait for connections: " + errno_text(errno), ExitCode::temporary);
    }
    std::vector<int> fds{stop_.fd()};
    for (const BoundSocket& listener : listeners_) fds.push_back(listener.fd.get());
    for (const int fd : fds) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
            throw Error("cannot wait for connections: " + errno_text(errno), ExitCode::temporary);
        }
    }
}

StreamServer::~StreamServer() = default;

void StreamServer::run() {
    std::array<epoll_event, events_at_once> events;
    next_sweep_ = Clock::now() + std::chrono::milliseconds(tick_ms);
    while (!stop_.is_raised()) {
        consumer_.before_wait();
        const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), tick_ms);
        now_ = Clock::now();
        for (int i = 0; i < count; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (const auto found = connections_.find(fd); found != connections_.end()) {
                serve(*found->second);
                continue;
            }
            const auto listener =
                std::find_if(listeners_.begin(), listeners_.end(),
                             [fd](const BoundSocket& socket) { return socket.fd.get() == fd; });
            if (listener != listeners_.end()) accept_all(*listener);
        }
        if (now_ >= next_sweep_) sweep();
    }
    finish();
    consumer_.before_wait();
}

int StreamServer::accept_all(const BoundSocket& listener) {
    for (int i = 0; i < accepts_at_once; ++i) {
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        FileDescriptor fd(::accept4(listener.fd.get(), reinterpret_cast<sockaddr*>(&peer), &size,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (fd) {
            accept(listener, std::move(fd), peer);
            continue;
        }
        if (errno == ECONNABORTED || errno == EINTR) continue;
        if (errno != EMFILE && errno != ENFILE) return i;
        // Left in the queue, the connection would wake us for ever: it is taken to be refused.
        spare_.reset();
        FileDescriptor refused(
            ::accept4(listener.fd.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
        if (refused) {
            refuse({endpoint_of(peer), listener.local, transport_of(listener.protocol),
                    Timestamp::now().in_micros()},
                   CloseCause::over_limit);
        }
        refused.reset();
        spare_ = open_spare();
    }
    return accepts_at_once;
}

void StreamServer::refuse(const Arrival& arrival, CloseCause cause) {
    consumer_.connected(arrival);
    consumer_.disconnected(arrival, cause, {}, {});
}

void StreamServer::accept(const BoundSocket& listener, FileDescriptor fd, const sockaddr_storage& peer) {
    const Arrival arrival{endpoint_of(peer), listener.local, transport_of(listener.protocol),
                          Timestamp::now().in_micros()};
    if (!consumer_.admits(arrival.peer)) return refuse(arrival, CloseCause::not_allowed);
    if (connections_.size() >= limits_.connections && !make_room())
        return refuse(arrival, CloseCause::over_limit);

    auto made = std::make_unique<Connection>();
    made->arrival = arrival;
    made->arrival.local = endpoint_of(local_of(fd.get()).storage);
    made->last_octet = made->begun = now_;
    if (listener.protocol == SocketAddress::Protocol::tls) {
        made->context = tls_.get();
        try {
            made->tls = std::make_unique<TlsSession>(*made->context, fd.get());
        } catch (const Error&) {  // memory is short
            return refuse(arrival, CloseCause::tls_failed);
        }
        made->is_shaking_hands = true;
    }
    watch_for_silence(fd.get());
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd.get();
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0)
        return refuse(arrival, CloseCause::over_limit);
    made->fd = std::move(fd);
    consumer_.connected(made->arrival);
    const int number = made->fd.get();
    connections_.emplace(number, std::move(made));
    open_count_.store(connections_.size(), std::memory_order_relaxed);
}

bool StreamServer::make_room() {
    for (;;) {
        Connection* chosen = longest_silent(false);
        if (!chosen) chosen = longest_silent(true);
        if (!chosen || (chosen->frames > 0 && now_ - chosen->last_octet < limits_.quiet)) return false;
        // What it has sent since is with the kernel: a frame saves it, and octets of one are counted.
        const std::uint64_t frames = chosen->frames;
        if (serve(*chosen) == Reading::gone) return true;
        if (chosen->frames > frames) continue;
        close(*chosen, CloseCause::evicted);
        return true;
    }
}

// Of those that have brought frames, or of those that have not; null where there is none.
StreamServer::Connection* StreamServer::longest_silent(bool has_frames) const {
    Connection* longest = nullptr;
    for (const auto& [fd, connection] : connections_) {
        if ((connection->frames > 0) != has_frames) continue;
        if (!longest || connection->last_octet < longest->last_octet) longest = connection.get();
    }
    return longest;
}

void StreamServer::watch(Connection& connection, bool for_writing) {
    if (connection.watches_writing == for_writing) return;
    connection.watches_writing = for_writing;
    epoll_event event{};
    event.events = for_writing ? static_cast<std::uint32_t>(EPOLLIN | EPOLLOUT) : EPOLLIN;
    event.data.fd = connection.fd.get();
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd.get(), &event);
}

StreamServer::Reading StreamServer::serve(Connection& connection) {
    connection.arrival.time = Timestamp::now().in_micros();
    if (connection.is_shaking_hands) {
        const Reading reading = shake_hands(connection);
        if (reading != Reading::more) return reading;
    }
    // What OpenSSL has decrypted already, epoll does not see: it is read in any case.
    for (int i = 0; i < reads_at_once || (connection.tls && connection.tls->has_pending()); ++i) {
        const Reading reading = connection.tls ? read_tls(connection) : read_plain(connection);
        if (reading != Reading::more) return reading;
    }
    return Reading::more;
}

StreamServer::Reading StreamServer::shake_hands(Connection& connection) {
    const TlsState state = connection.tls->handshake();
    if (state == TlsState::closed || state == TlsState::failed) {
        close(connection, CloseCause::tls_failed,
              state == TlsState::closed ? "closed in the handshake" : connection.tls->failure());
        return Reading::gone;
    }
    watch(connection, state == TlsState::wants_write);
    connection.is_shaking_hands = state != TlsState::done;
    return connection.is_shaking_hands ? Reading::empty : Reading::more;
}

StreamServer::Reading StreamServer::read_plain(Connection& connection) {
    const ssize_t got = ::recv(connection.fd.get(), room_.get(), room_size, 0);
    if (got > 0) return take_octets(connection, {room_.get(), static_cast<std::size_t>(got)});
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Reading::empty;
    close(connection, got < 0 ? CloseCause::reset : cause_of_end(connection));
    return Reading::gone;
}

StreamServer::Reading StreamServer::read_tls(Connection& connection) {
    // OpenSSL gives a record at a time; together they make one piece.
    std::size_t size = 0;
    TlsProgress got;
    do {
        got = connection.tls->read({room_.get() + size, room_size - size});
        if (got.state == TlsState::done) size += got.size;
    } while (got.state == TlsState::done && size < room_size);
    if (size > 0 && take_octets(connection, {room_.get(), size}) == Reading::gone) return Reading::gone;
    switch (got.state) {
        case TlsState::done: return Reading::more;
        case TlsState::wants_read:
        case TlsState::wants_write:
            watch(connection, got.state == TlsState::wants_write);
            return Reading::empty;
        case TlsState::closed: close(connection, cause_of_end(connection)); break;
        case TlsState::failed: close(connection, CloseCause::tls_failed, connection.tls->failure()); break;
    }
    return Reading::gone;
}

CloseCause StreamServer::cause_of_end(const Connection& connection) {
    return connection.assembler.pending() > 0 ? CloseCause::cut_frame : CloseCause::ended;
}

StreamServer::Reading StreamServer::take_octets(Connection& connection, Bytes octets) {
    const std::size_t pending_before = connection.assembler.pending();
    const std::uint64_t frames_before = connection.frames;
    connection.last_octet = now_;
    const bool is_good = connection.assembler.feed(
        octets, [this](Bytes beginning) { return consumer_.frame_size(beginning); },
        [&](Bytes frame) {
            ++connection.frames;
            consumer_.take(frame, connection.arrival);
        });
    const std::size_t pending = connection.assembler.pending();
    pending_octets_ += pending;
    pending_octets_ -= pending_before;
    if (!is_good) {
        close(connection, CloseCause::bad_frame);
        return Reading::gone;
    }
    if (pending > 0 && (pending_before == 0 || connection.frames > frames_before)) connection.begun = now_;
    if (pending_octets_ <= limits_.pending_octets) return Reading::more;
    const int fd = connection.fd.get();
    bound_memory();
    return connections_.contains(fd) ? Reading::more : Reading::gone;
}

// Ends the connection whose unfinished frame is the oldest.
void StreamServer::bound_memory() {
    while (pending_octets_ > limits_.pending_octets) {
        Connection* oldest = nullptr;
        for (const auto& [fd, connection] : connections_) {
            if (connection->assembler.pending() == 0) continue;
            if (!oldest || connection->begun < oldest->begun) oldest = connection.get();
        }
        if (!oldest) return;
        close(*oldest, CloseCause::over_memory);
    }
}

// Destroys `connection`.
void StreamServer::close(Connection& connection, CloseCause cause, std::string_view detail) {
    pending_octets_ -= connection.assembler.pending();
    consumer_.disconnected(connection.arrival, cause, connection.assembler.unfinished(), detail);
    if (connection.tls) connection.tls->shutdown();
    connections_.erase(connection.fd.get());
    open_count_.store(connections_.size(), std::memory_order_relaxed);
}

void StreamServer::sweep() {
    next_sweep_ = now_ + std::chrono::milliseconds(tick_ms);
    std::vector<std::pair<Connection*, CloseCause>> due;
    for (const auto& [fd, connection] : connections_) {
        if (connection->is_shaking_hands) {
            if (now_ - connection->begun >= limits_.handshake)
                due.emplace_back(connection.get(), CloseCause::slow_handshake);
        } else if (connection->assembler.pending() > 0) {
            if (now_ - connection->begun >= limits_.frame)
                due.emplace_back(connection.get(), CloseCause::slow_frame);
        } else if (limits_.idle.count() > 0 && now_ - connection->last_octet >= limits_.idle) {
            due.emplace_back(connection.get(), CloseCause::idle);
        }
    }
    for (const auto& [connection, cause] : due) close(*connection, cause);
}

// What was sent to us before the stop has been acknowledged by the kernel: the sender thinks it safe.
// Who goes on sending is cut off after a while, and knows by the reset.
void StreamServer::finish() {
    now_ = Clock::now();
    const Clock::time_point deadline = now_ + longest_finish;
    for (const BoundSocket& listener : listeners_) {
        while (accept_all(listener) == accepts_at_once && Clock::now() < deadline) {
        }
    }
    listeners_.clear();  // nobody else can connect
    std::vector<int> waiting;
    for (const auto& [fd, connection] : connections_) waiting.push_back(fd);
    while (!waiting.empty() && Clock::now() < deadline) {
        now_ = Clock::now();
        std::erase_if(waiting, [this](int fd) {
            const auto found = connections_.find(fd);
            return found == connections_.end() || serve(*found->second) != Reading::more;
        });
    }
    while (!connections_.empty()) close(*connections_.begin()->second, CloseCause::stopped);
}

}  // namespace hepcap::net
