#include "net/udp_sender.hpp"

#include <fmt/core.h>
#include <linux/errqueue.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace hepcap::net {

namespace {

FileDescriptor connected_socket(const SocketAddress& address) {
    int cause = 0;
    for (const ResolvedAddress& one : resolve(address, Purpose::connect)) {
        FileDescriptor socket(::socket(one.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (socket && ::connect(socket.get(), one.get(), one.size) == 0) {
            const int on = 1;
            const int dont = IP_PMTUDISC_DONT;
            if (one.family() == AF_INET6) {
                (void)::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
            } else {
                (void)::setsockopt(socket.get(), IPPROTO_IP, IP_RECVERR, &on, sizeof on);
                (void)::setsockopt(socket.get(), IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof dont);
            }
            return socket;
        }
        cause = errno;
    }
    throw Error(fmt::format("cannot send to {}: {}", address.to_text(), errno_text(cause)),
                ExitCode::temporary);
}

// What another try may cure: the network is away, or a packet filter is in the way.
bool is_absence(int cause) {
    switch (cause) {
        case ECONNREFUSED:
        case ENETUNREACH:
        case EHOSTUNREACH:
        case EHOSTDOWN:
        case ENETDOWN:
        case ENETRESET:
        case EADDRNOTAVAIL:
        case EPERM:
        case EACCES:
        case EPROTO:
        case ENOPROTOOPT: return true;
        default: return false;
    }
}

bool is_full(int cause) {
    return cause == ENOBUFS || cause == ENOMEM || cause == EAGAIN || cause == EWOULDBLOCK;
}

}  // namespace

UdpSender::UdpSender(const SocketAddress& address, SenderOptions options, Log& log)
    : Sender(address),
      options_(std::move(options)),
      absence_(address.to_text(), options_.give_up, log),
      socket_(connected_socket(address)) {
    octets_.reserve(std::size_t{256} << 10);
}

void UdpSender::send(Bytes message) {
    if (message.size() > longest_datagram) {
        ++counts_.too_long;
        return;
    }
    octets_.insert(octets_.end(), message.begin(), message.end());
    sizes_[count_++] = message.size();
    constexpr std::size_t enough = std::size_t{192} << 10;
    if (count_ == batch || octets_.size() >= enough) flush();
}

void UdpSender::flush() {
    while (first_ < count_) {
        if (!absence_.may_try()) {
            if (is_stopped()) break;
            wait_for({-1, 0, absence_.until_next_try()});
            continue;
        }
        send_batch();
        if (full_ == 0) continue;
        // The queue of the interface is full; a millisecond is much for an interface, and little for us.
        constexpr std::size_t longest = 50;
        if (full_ > longest && is_stopped()) break;
        wait_for({-1, 0, std::chrono::milliseconds(std::min(full_, longest))});
    }
    counts_.unsent += count_ - first_;
    octets_.clear();
    count_ = first_ = 0;
}

void UdpSender::close() {
    flush();
    counts_.refused += take_errors();
}

// Hands the rest of the batch to the kernel and finds out what became of it.
void UdpSender::send_batch() {
    counts_.refused += take_errors();  // of batches that are gone

    std::array<iovec, batch> pieces;
    std::array<mmsghdr, batch> headers{};
    const std::size_t count = count_ - first_;
    std::size_t at = 0;
    for (std::size_t i = 0; i < first_; ++i) at += sizes_[i];
    for (std::size_t i = 0; i < count; ++i) {
        pieces[i] = {octets_.data() + at, sizes_[first_ + i]};
        headers[i].msg_hdr.msg_iov = &pieces[i];
        headers[i].msg_hdr.msg_iovlen = 1;
        at += sizes_[first_ + i];
    }
    const int outcome = ::sendmmsg(socket_.get(), headers.data(), static_cast<unsigned>(count), MSG_NOSIGNAL);
    const int cause = errno;
    if (outcome < 0) {
        take_failure(cause);
        return;
    }
    full_ = 0;
    const auto left = static_cast<std::size_t>(outcome);
    const std::size_t back = std::min(take_errors(), left);
    const std::size_t sent = left - back;
    counts_.sent += sent;
    for (std::size_t i = 0; i < sent; ++i) counts_.octets += sizes_[first_ + i];
    first_ += sent;
    if (back == 0) {
        absence_.answers();
        absence_.has_settled();
    } else if (options_.drops) {
        counts_.refused += back;
        first_ += back;
    } else {
        absence_.is_away(errno_text(last_error_));
    }
}

void UdpSender::take_failure(int cause) {
    if (cause == EINTR) return;
    if (cause == EMSGSIZE) {
        ++counts_.too_long;
        ++first_;
    } else if (cause == ECONNREFUSED && options_.drops) {
        // Said of a datagram before, whose answer is in the error queue by now; this one has not left yet.
    } else if (options_.drops && (is_full(cause) || is_absence(cause))) {
        ++counts_.dropped;
        ++first_;
    } else if (is_full(cause)) {
        ++full_;
    } else if (is_absence(cause)) {
        absence_.is_away(errno_text(cause));
    } else {
        throw Error(fmt::format("cannot send to {}: {}", name(), errno_text(cause)));
    }
}

// Empties the error queue; how many datagrams came back.
std::size_t UdpSender::take_errors() {
    std::size_t count = 0;
    for (;;) {
        alignas(cmsghdr) std::array<char, 512> control;
        msghdr header{};
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        if (::recvmsg(socket_.get(), &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return count;
        for (cmsghdr* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
            const bool is_error = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
                                  (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
            if (!is_error) continue;
            sock_extended_err error;
            std::memcpy(&error, CMSG_DATA(c), sizeof error);
            // What the own host could not send was returned by the call itself.
            if (error.ee_origin == SO_EE_ORIGIN_LOCAL) continue;
            last_error_ = static_cast<int>(error.ee_errno);
            ++count;
        }
    }
}

}  // namespace hepcap::net
