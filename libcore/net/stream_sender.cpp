#include "net/stream_sender.hpp"

#include <fmt/core.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "net/socket_option.hpp"

namespace hepcap::net {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t header_size = 6;  // of HEP3; the total length is its last two octets
constexpr std::size_t longest_message = 65'535;

// Enough for one system call; what is less waits for company until flush().
constexpr std::size_t batch_octets = std::size_t{64} << 10;

bool would_block(int cause) { return cause == EAGAIN || cause == EWOULDBLOCK; }

int pending_error(int fd) {
    int cause = 0;
    socklen_t size = sizeof cause;
    return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &size) == 0 ? cause : errno;
}

bool is_ready(int fd, short events) {
    pollfd state{fd, events, 0};
    return ::poll(&state, 1, 0) > 0;
}

}  // namespace

StreamSender::StreamSender(const SocketAddress& address, SenderOptions options, Log& log)
    : Sender(address),
      address_(address),
      options_(std::move(options)),
      log_(log),
      absence_(address.to_text(), options_.give_up, log),
      candidates_(resolve(address, Purpose::connect)) {
    options_.buffer = std::max(options_.buffer, 2 * longest_message);
    start_connecting();
}

void StreamSender::send(Bytes message) {
    if (waiting() + message.size() > options_.buffer) {
        progress();
        if (!options_.drops) wait_until_at_most(options_.buffer - message.size());
        if (waiting() + message.size() > options_.buffer) {
            ++(options_.drops ? counts_.dropped : counts_.unsent);
            return;
        }
    }
    buffer_.insert(buffer_.end(), message.begin(), message.end());
    if (buffer_.size() - written_ >= batch_octets) progress();
}

void StreamSender::flush() {
    progress();
    if (!options_.drops) wait_until_at_most(0);
}

void StreamSender::close() {
    progress();
    wait_until_at_most(0);
    counts_.unsent += count_waiting();
    buffer_.clear();
    begin_ = written_ = 0;
    if (state_ == State::open) say_goodbye();
    state_ = State::away;
    tls_.reset();
    socket_.reset();
}

// Waits until the buffer holds no more than so many octets; less patiently once nobody waits any more.
void StreamSender::wait_until_at_most(std::size_t octets) {
    std::optional<Clock::time_point> end;
    while (waiting() > octets) {
        const bool is_hurried = options_.drops || is_stopped();
        if (is_hurried && !end) end = Clock::now() + (state_ == State::away ? milliseconds(0) : farewell);
        if (end && Clock::now() >= *end) return;
        wait_for(wanted());
        progress();
    }
}

Wanted StreamSender::wanted() const {
    const auto until_deadline = [this] {
        const auto rest = std::chrono::ceil<milliseconds>(deadline_ - Clock::now());
        return std::max(rest, milliseconds(0));
    };
    switch (state_) {
        case State::away: return {-1, 0, absence_.until_next_try()};
        case State::connecting: return {socket_.get(), POLLOUT, until_deadline()};
        case State::handshaking:
            return {socket_.get(), tls_waits_to_read_ ? short{POLLIN} : short{POLLOUT}, until_deadline()};
        case State::open: break;
    }
    const bool wants_out = written_ < buffer_.size() && !tls_waits_to_read_;
    return {socket_.get(), static_cast<short>(POLLIN | (wants_out ? POLLOUT : 0))};
}

void StreamSender::progress() {
    switch (state_) {
        case State::away:
            if (absence_.may_try()) start_connecting();
            break;
        case State::connecting: finish_connecting(); break;
        case State::handshaking: shake_hands(); break;
        case State::open: {
            std::string cause;
            if (hear(cause) != Heard::nothing) return lose(cause);
            write_what_waits();
            break;
        }
    }
}

// One address after the other; names are asked for anew once all have failed, since collectors move.
void StreamSender::start_connecting() {
    if (candidates_.empty()) {
        try {
            candidates_ = resolve(address_, Purpose::connect);
        } catch (const Error& e) {
            return lose(e.what());
        }
    }
    const ResolvedAddress to = candidates_.front();
    candidates_.erase(candidates_.begin());
    socket_.reset(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_) return lose(errno_text(errno));
    set_option(socket_.get(), IPPROTO_TCP, TCP_NODELAY, 1);  // what is written is a batch already
    set_option(socket_.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
    if (options_.give_up.count() > 0) {
        // As long without an acknowledgement is as long away.
        set_option(socket_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(options_.give_up.count()));
    }
    state_ = State::connecting;
    const bool gives_up = options_.give_up.count() > 0;
    deadline_ = Clock::now() + (gives_up ? std::min(connect_limit, options_.give_up) : connect_limit);
    if (::connect(socket_.get(), to.get(), to.size) != 0 && errno != EINPROGRESS) {
        lose(errno_text(errno));
    }
}

void StreamSender::finish_connecting() {
    if (!is_ready(socket_.get(), POLLOUT)) {
        if (Clock::now() >= deadline_) lose(errno_text(ETIMEDOUT));
        return;
    }
    if (const int cause = pending_error(socket_.get()); cause != 0) return lose(errno_text(cause));
    if (address_.protocol != SocketAddress::Protocol::tls) return become_open();
    tls_.emplace(*options_.tls, socket_.get(), address_.host);
    state_ = State::handshaking;
    shake_hands();
}

void StreamSender::shake_hands() {
    const TlsState outcome = tls_->handshake();
    tls_waits_to_read_ = outcome == TlsState::wants_read;
    switch (outcome) {
        case TlsState::done: return become_open();
        case TlsState::wants_read:
        case TlsState::wants_write:
            if (Clock::now() >= deadline_) lose("the TLS handshake did not end");
            return;
        case TlsState::closed: return lose("the connection was closed within the TLS handshake");
        case TlsState::failed: break;
    }
    if (tls_->distrusts_peer()) {
        // Another try would end as this one.
        throw Error(fmt::format("{} has no certificate to be trusted: {}; name its CA with --tls-ca", name(),
                                tls_->failure()),
                    ExitCode::usage);
    }
    lose("TLS: " + tls_->failure());
}

void StreamSender::become_open() {
    state_ = State::open;
    tls_waits_to_read_ = false;
    ++counts_.connections;
    opened_ = last_progress_ = Clock::now();
    candidates_.clear();
    absence_.answers();
    write_what_waits();
}

// A collector says nothing; what it says all the same is read and forgotten, so that its end is seen.
StreamSender::Heard StreamSender::hear(std::string& cause) {
    constexpr std::string_view closed = "the connection was closed";
    std::array<std::uint8_t, 4096> octets;
    for (;;) {
        if (tls_) {
            const TlsProgress got = tls_->read(octets);
            if (got.state == TlsState::done) continue;
            cause = got.state == TlsState::failed ? tls_->failure() : closed;
            return got.state == TlsState::failed   ? Heard::failure
                   : got.state == TlsState::closed ? Heard::end
                                                   : Heard::nothing;
        }
        const ssize_t got = ::recv(socket_.get(), octets.data(), octets.size(), MSG_DONTWAIT);
        if (got > 0) continue;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && would_block(errno)) return Heard::nothing;
        cause = got == 0 ? std::string(closed) : errno_text(errno);
        return got == 0 ? Heard::end : Heard::failure;
    }
}

void StreamSender::write_what_waits() {
    while (written_ < buffer_.size()) {
        const std::optional<std::size_t> size = write_some(Bytes(buffer_).subspan(written_));
        if (!size) return;
        if (*size == 0) {
            return check_silence();
        }
        last_progress_ = Clock::now();
        advance(*size);
    }
    last_progress_ = Clock::now();
    if (last_progress_ - opened_ >= settled_after) absence_.has_settled();
}

void StreamSender::check_silence() const {
    if (options_.give_up.count() == 0 || Clock::now() - last_progress_ < options_.give_up) return;
    throw Error(
        fmt::format("{} takes connections and reads nothing; {} messages wait for it, and more of the "
                    "input",
                    name(), count_waiting()),
        ExitCode::temporary);
}

std::size_t StreamSender::count_waiting() const {
    std::size_t count = 0;
    for (std::size_t at = begin_; at < buffer_.size(); ++count) at += load_u16(buffer_.data() + at + 4);
    return count;
}

// Octets taken, 0 where there is no room now; nothing where the connection was lost.
std::optional<std::size_t> StreamSender::write_some(Bytes octets) {
    if (tls_) {
        const TlsProgress put = tls_->write(octets);
        tls_waits_to_read_ = put.state == TlsState::wants_read;
        if (put.state == TlsState::done) return put.size;
        if (put.state == TlsState::wants_read || put.state == TlsState::wants_write) return 0;
        lose(put.state == TlsState::closed ? "the connection was closed" : tls_->failure());
        return std::nullopt;
    }
    for (;;) {
        const ssize_t put = ::send(socket_.get(), octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (put >= 0) return static_cast<std::size_t>(put);
        if (errno == EINTR) continue;
        if (would_block(errno)) return 0;
        lose(errno_text(errno));
        return std::nullopt;
    }
}

void StreamSender::advance(std::size_t octets) {
    written_ += octets;
    while (written_ - begin_ >= header_size) {
        const std::size_t size = load_u16(buffer_.data() + begin_ + 4);
        if (written_ - begin_ < size) break;
        begin_ += size;
        ++counts_.sent;
        counts_.octets += size;
    }
    // Moved to the front when that frees as much as it moves.
    if (begin_ == buffer_.size() || begin_ > buffer_.size() - begin_) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
        written_ -= begin_;
        begin_ = 0;
    }
}

// The connection, or the attempt at one, is over.
void StreamSender::lose(std::string_view cause) {
    const bool was_open = state_ == State::open;
    state_ = State::away;
    tls_.reset();
    socket_.reset();
    tls_waits_to_read_ = false;
    written_ = begin_;
    if (was_open) {
        ++counts_.lost_connections;
        candidates_.clear();
        return absence_.is_away(fmt::format("{}; what it had not read yet is lost", cause));
    }
    if (!candidates_.empty()) return start_connecting();
    absence_.is_away(cause);
}

// The receiver has it all once its kernel has acknowledged the end.  Over TLS its own end is waited for as
// well, a moment at least: a server that does not like the client's certificate says so late (RFC 8446,
// section 4.4.2.4), when the client has been sending for a while.
void StreamSender::say_goodbye() {
    if (tls_) tls_->shutdown();
    (void)::shutdown(socket_.get(), SHUT_WR);
    const Clock::time_point start = Clock::now();
    for (;;) {
        std::string cause;
        const Heard heard = hear(cause);
        if (heard == Heard::end) return;
        if (heard == Heard::failure) {
            ++counts_.lost_connections;
            log_.warn(fmt::format("{}: {}; what it had not read yet is lost", name(), cause));
            return;
        }
        int unacknowledged = 0;
        (void)::ioctl(socket_.get(), SIOCOUTQ, &unacknowledged);
        const auto waited = Clock::now() - start;
        if (unacknowledged == 0 && (!tls_ || waited >= settled_after)) return;
        if (waited >= farewell) {
            ++counts_.lost_connections;
            log_.warn(fmt::format("{}: the last {} octets were not acknowledged", name(), unacknowledged));
            return;
        }
        wait_for({socket_.get(), POLLIN, milliseconds(20)});
    }
}

}  // namespace hepcap::net
