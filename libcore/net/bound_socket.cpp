#include "net/bound_socket.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>

#include <algorithm>

#include "base/error.hpp"
#include "net/socket_option.hpp"

namespace hepcap::net {

namespace {

constexpr int backlog = 1024;

[[noreturn]] void refuse(const SocketAddress& address, std::string_view what) {
    const int cause = errno;
    std::string sentence = fmt::format("cannot {} {}: {}", what, address.to_text(), errno_text(cause));
    if (cause == EACCES && address.port < 1024) {
        sentence += "; ports below 1024 need CAP_NET_BIND_SERVICE";
    } else if (cause == EADDRINUSE) {
        sentence += fmt::format("; another process has the port: ss -{}lnp tells which",
                                address.is_stream() ? 't' : 'u');
    } else if (cause == EADDRNOTAVAIL) {
        sentence += "; no interface of this machine has the address";
    }
    // An address that is in use may be free in a moment.
    throw Error(sentence, cause == EADDRINUSE ? ExitCode::temporary : ExitCode::usage);
}

FileDescriptor open_bound(const SocketAddress& name, const ResolvedAddress& address, bool shares_port,
                          bool is_v6_only) {
    const int type = (name.is_stream() ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    FileDescriptor fd(::socket(address.family(), type, 0));
    if (!fd) refuse(name, "open a socket for");
    if (address.family() == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, is_v6_only ? 1 : 0);
    // Connections of an earlier run that are not quite over must not keep the port.
    if (name.is_stream()) set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (shares_port) set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (::bind(fd.get(), address.get(), address.size) != 0) refuse(name, "listen on");
    return fd;
}

void set_datagram_options(int fd, int family, const BindOptions& options) {
    if (options.receive_buffer > 0) enlarge_receive_buffer(fd, options.receive_buffer);
    set_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    if (!options.wants_local_address) return;
    set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
    if (family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

bool is_wildcard(const IpAddress& address) {
    return std::all_of(address.data(), address.data() + address.size(),
                       [](auto octet) { return octet == 0; });
}

// Whether a socket that is bound to all addresses of IPv6 has those of IPv4 too.
bool takes_both_families(const BoundSocket& socket) {
    int is_v6_only = 1;
    socklen_t length = sizeof is_v6_only;
    return socket.local.address.is_v6() && is_wildcard(socket.local.address) &&
           ::getsockopt(socket.fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &is_v6_only, &length) == 0 &&
           is_v6_only == 0;
}

}  // namespace

bool is_bound(const SocketAddress& address, const std::vector<BoundSocket>& sockets) {
    if (sockets.empty()) return false;
    const std::vector<ResolvedAddress> wanted = resolve(address, Purpose::listen);
    return std::ranges::all_of(wanted, [&](const ResolvedAddress& one) {
        const Endpoint local = endpoint_of(one.storage);
        return std::ranges::any_of(sockets, [&](const BoundSocket& socket) {
            if (socket.protocol != address.protocol || socket.local.port != local.port) return false;
            return socket.local == local || (is_wildcard(local.address) && takes_both_families(socket));
        });
    });
}

ResolvedAddress local_of(int fd) {
    ResolvedAddress local;
    local.size = sizeof local.storage;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&local.storage), &local.size) != 0) return {};
    return local;
}

std::string BoundSocket::to_text() const { return fmt::format("{}:{}", name(protocol), net::to_text(local)); }

std::size_t enlarge_receive_buffer(int fd, std::size_t size) {
    constexpr std::size_t largest = 1U << 30;
    const int wanted = static_cast<int>(std::min(size, largest));
    // The first goes beyond net.core.rmem_max and needs CAP_NET_ADMIN.
    if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0) {
        set_option(fd, SOL_SOCKET, SO_RCVBUF, wanted);
    }
    int granted = 0;
    socklen_t length = sizeof granted;
    if (::getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &granted, &length) != 0) return 0;
    return static_cast<std::size_t>(granted) / 2;  // socket(7): the kernel doubles what it is asked for
}

std::vector<BoundSocket> bind(const SocketAddress& address, const BindOptions& options, bool is_v6_only,
                              Log& log) {
    std::vector<BoundSocket> sockets;
    for (ResolvedAddress where : resolve(address, Purpose::listen)) {
        // With SO_REUSEPORT alone another process of the same user could have the port already, and the
        // kernel would deal it half of the senders: first the port must be had for oneself.
        FileDescriptor first = open_bound(address, where, false, is_v6_only);
        where = local_of(first.get());
        const bool shares_port = options.copies > 1;
        if (shares_port) first.reset();
        for (std::size_t copy = 0; copy < options.copies; ++copy) {
            BoundSocket socket;
            socket.fd = shares_port ? open_bound(address, where, true, is_v6_only) : std::move(first);
            socket.protocol = address.protocol;
            socket.local = endpoint_of(where.storage);
            if (address.is_stream()) {
                if (::listen(socket.fd.get(), backlog) != 0) refuse(address, "listen on");
            } else {
                set_datagram_options(socket.fd.get(), where.family(), options);
            }
            sockets.push_back(std::move(socket));
        }
    }
    if (!address.is_stream() && options.demands_receive_buffer) {
        const std::size_t granted = enlarge_receive_buffer(sockets.front().fd.get(), options.receive_buffer);
        if (granted < options.receive_buffer) {
            log.warn(
                fmt::format("the receive buffer of {} is {} octets and not {}; raise net.core.rmem_max "
                            "or give CAP_NET_ADMIN",
                            sockets.front().to_text(), granted, options.receive_buffer));
        }
    }
    return sockets;
}

std::vector<BoundSocket> take_handed_over(int count, std::string_view names, const BindOptions& options) {
    constexpr int first = 3;  // SD_LISTEN_FDS_START
    std::vector<BoundSocket> sockets;
    for (int fd = first; fd < first + count; ++fd) {
        const std::string_view name = names.substr(0, names.find(':'));
        names.remove_prefix(std::min(names.size(), name.size() + 1));
        BoundSocket socket;
        socket.fd.reset(fd);
        socket.is_handed_over = true;
        int type = 0;
        socklen_t length = sizeof type;
        const ResolvedAddress local = local_of(fd);
        const bool is_internet = local.family() == AF_INET || local.family() == AF_INET6;
        if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || !is_internet ||
            (type != SOCK_DGRAM && type != SOCK_STREAM)) {
            throw Error(fmt::format("descriptor {} of the service manager is no UDP or TCP socket; see "
                                    "ListenDatagram= and ListenStream= of systemd.socket(5)",
                                    fd),
                        ExitCode::usage);
        }
        socket.local = endpoint_of(local.storage);
        socket.protocol = type == SOCK_DGRAM ? SocketAddress::Protocol::udp
                          : name == "tls"    ? SocketAddress::Protocol::tls
                                             : SocketAddress::Protocol::tcp;
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
        if (type == SOCK_DGRAM) set_datagram_options(fd, local.family(), options);
        sockets.push_back(std::move(socket));
    }
    return sockets;
}

}  // namespace hepcap::net
