#include "net/datagram_socket.hpp"

#include <fmt/core.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/error.hpp"

namespace hepcap::net {

DatagramSocket::DatagramSocket(const SocketAddress& to) {
    constexpr int send_buffer = 4 * 1024 * 1024;
    int cause = 0;
    for (const ResolvedAddress& address : resolve(to, Purpose::connect)) {
        fd_.reset(::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (fd_ && ::connect(fd_.get(), address.get(), address.size) == 0) {
            ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
            peer_ = endpoint_of(address.storage);
            return;
        }
        cause = errno;
    }
    throw Error(fmt::format("cannot send to {}: {}", to.to_text(), errno_text(cause)), ExitCode::temporary);
}

bool DatagramSocket::send(Bytes datagram) {
    // An earlier datagram that nobody wanted is reported at the next send, which then did not take place:
    // the second attempt is about this one.
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (::send(fd_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0) return true;
        if (errno != ECONNREFUSED && errno != EINTR) return false;
    }
    return false;
}

}  // namespace hepcap::net
