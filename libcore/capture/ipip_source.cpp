#include "capture/ipip_source.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"
#include "capture/interface_source.hpp"

namespace hepcap::capture {

namespace {

constexpr std::uint32_t linktype_raw = 101;
constexpr int protocol_ipip = 4;
constexpr int protocol_ipv6 = 41;
constexpr std::size_t messages_at_once = 32;
constexpr std::size_t longest_packet = 65536;  // IP says at most 65,535

sockaddr_storage socket_address(const IpAddress& address, socklen_t& size) {
    sockaddr_storage storage{};
    if (address.is_v4()) {
        auto& in = reinterpret_cast<sockaddr_in&>(storage);
        in.sin_family = AF_INET;
        std::memcpy(&in.sin_addr, address.data(), 4);
        size = sizeof in;
    } else {
        auto& in = reinterpret_cast<sockaddr_in6&>(storage);
        in.sin6_family = AF_INET6;
        std::memcpy(&in.sin6_addr, address.data(), 16);
        size = sizeof in;
    }
    return storage;
}

}  // namespace

struct IpipSource::Socket {
    Socket(int socket_family, int protocol) : family(socket_family) {
        fd = ::socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    }
    ~Socket() {
        if (fd >= 0) ::close(fd);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    void set(int level, int option, int value) const {
        ::setsockopt(fd, level, option, &value, sizeof value);
    }

    int fd;
    int family;
    std::atomic<std::uint32_t> dropped = 0;  // as the kernel counts: 32 bits, that wrap
};

// Room for what one call receives, and where the system is told of it.
struct IpipSource::Batch {
    static constexpr std::size_t control_size =
        CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(std::uint32_t));

    Batch() : octets(messages_at_once * longest_packet) {
        for (std::size_t i = 0; i < messages_at_once; ++i) {
            pieces[i] = {octets.data() + i * longest_packet, longest_packet};
            messages[i].msg_hdr.msg_iov = &pieces[i];
            messages[i].msg_hdr.msg_iovlen = 1;
        }
    }

    // The kernel writes over the sizes.
    void reset() {
        for (std::size_t i = 0; i < messages_at_once; ++i) {
            messages[i].msg_hdr.msg_control = control[i].octets;
            messages[i].msg_hdr.msg_controllen = control_size;
        }
    }

    struct Control {
        alignas(cmsghdr) char octets[control_size];
    };
    std::vector<std::uint8_t> octets;
    std::array<iovec, messages_at_once> pieces{};
    std::array<Control, messages_at_once> control{};
    std::array<mmsghdr, messages_at_once> messages{};
};

IpipSource::IpipSource(const IpipOptions& options) : IpipSource(options, std::make_shared<Sockets>(), true) {
    std::vector<int> families;
    if (!options.address.is_v6()) families.push_back(AF_INET);
    if (!options.address.is_v4()) families.push_back(AF_INET6);
    for (const int family : families) {
        for (const int protocol : {protocol_ipip, protocol_ipv6}) {
            auto socket = std::make_unique<Socket>(family, protocol);
            if (socket->fd < 0) {
                if (errno == EAFNOSUPPORT && options.address.is_none() && family == AF_INET6) continue;
                if (errno == EPERM || errno == EACCES)
                    throw Error(fmt::format("not permitted to open a raw socket: {}", permission_advice()));
                throw Error("cannot open a raw socket: " + errno_text(errno));
            }
            socket->set(SOL_SOCKET, SO_TIMESTAMPNS, 1);
            socket->set(SOL_SOCKET, SO_RXQ_OVFL, 1);
            // Beyond the system's limit only with cap_net_admin; else as far as it goes.
            socket->set(SOL_SOCKET, SO_RCVBUF, options.buffer_octets);
            socket->set(SOL_SOCKET, SO_RCVBUFFORCE, options.buffer_octets);
            if (!options.interface.empty() &&
                ::setsockopt(socket->fd, SOL_SOCKET, SO_BINDTODEVICE, options.interface.c_str(),
                             static_cast<socklen_t>(options.interface.size())) != 0) {
                throw Error(fmt::format("cannot capture on '{}': {}", options.interface, errno_text(errno)),
                            errno == ENODEV ? ExitCode::usage : ExitCode::data_error);
            }
            if (!options.address.is_none()) {
                socklen_t size = 0;
                const sockaddr_storage address = socket_address(options.address, size);
                if (::bind(socket->fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
                    throw Error(fmt::format(
                        "cannot capture for {}: {}{}", options.address.to_text(), errno_text(errno),
                        errno == EADDRNOTAVAIL
                            ? "; in ipip mode --listen names this machine's end of the tunnel"
                            : ""));
                }
            }
            sockets_->push_back(std::move(socket));
        }
    }
}

IpipSource::IpipSource(const IpipOptions& options, std::shared_ptr<Sockets> sockets, bool is_counting)
    : options_(options),
      sockets_(std::move(sockets)),
      is_counting_(is_counting),
      batch_(std::make_unique<Batch>()) {}

IpipSource::~IpipSource() = default;

std::unique_ptr<IpipSource> IpipSource::share() const {
    return std::unique_ptr<IpipSource>(new IpipSource(options_, sockets_, false));
}

std::uint32_t IpipSource::link_type() const { return linktype_raw; }

std::size_t IpipSource::read(const Take& take) {
    std::size_t count = 0;
    bool is_wanted = true;
    for (const auto& socket : *sockets_) {
        if (is_wanted) count += read_socket(*socket, take, is_wanted);
    }
    return count;
}

std::size_t IpipSource::read_socket(Socket& socket, const Take& take, bool& is_wanted) {
    batch_->reset();
    const int got = ::recvmmsg(socket.fd, batch_->messages.data(), messages_at_once, MSG_DONTWAIT, nullptr);
    if (got < 0) {
        // An error that an ICMP message brought is nobody's end.
        return 0;
    }
    Packet packet;
    packet.link_type = linktype_raw;
    packet.has_nanoseconds = options_.has_nanoseconds;
    const auto count = static_cast<std::size_t>(got);
    for (std::size_t i = 0; i < count && is_wanted; ++i) {
        ++received_;
        if (!make_packet(socket, i, packet)) continue;
        is_wanted = take(packet);
    }
    return count;
}

// RFC 2003 section 3; of IPv6 the system hands over what follows the outer header:
//
//   +-----------------------------+-----------------+------------
//   | outer IPv4 header (20 - 60) | inner IP header | payload …
//   +-----------------------------+-----------------+------------
bool IpipSource::make_packet(Socket& socket, std::size_t i, Packet& packet) {
    msghdr& header = batch_->messages[i].msg_hdr;
    timespec time{};
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level != SOL_SOCKET) continue;
        if (c->cmsg_type == SCM_TIMESTAMPNS) {
            std::memcpy(&time, CMSG_DATA(c), sizeof time);
        } else if (c->cmsg_type == SO_RXQ_OVFL) {
            std::uint32_t dropped = 0;
            std::memcpy(&dropped, CMSG_DATA(c), sizeof dropped);
            socket.dropped.store(dropped, std::memory_order_relaxed);
        }
    }
    const std::int64_t fraction = options_.has_nanoseconds ? time.tv_nsec : time.tv_nsec / 1000 * 1000;
    packet.time = Timestamp::from_parts(time.tv_sec, fraction);

    Bytes octets{batch_->octets.data() + i * longest_packet,
                 std::min<std::size_t>(batch_->messages[i].msg_len, longest_packet)};
    if (socket.family == AF_INET) {
        constexpr std::size_t least = 20;
        const std::size_t size = octets.empty() ? 0 : (octets[0] & 0x0fu) * 4u;
        if (octets.size() < least || octets[0] >> 4 != 4 || size < least || size > octets.size()) {
            ++malformed_;
            return false;
        }
        octets = octets.subspan(size);
    }
    if (octets.empty()) {
        ++malformed_;
        return false;
    }
    packet.original_length = static_cast<std::uint32_t>(octets.size());
    packet.data = octets.first(std::min<std::size_t>(octets.size(), options_.snaplen));
    return true;
}

void IpipSource::wait(int milliseconds) {
    std::array<pollfd, 4> states{};
    const std::size_t n = std::min(states.size(), sockets_->size());
    for (std::size_t i = 0; i < n; ++i) states[i] = {(*sockets_)[i]->fd, POLLIN, 0};
    ::poll(states.data(), n, milliseconds);
}

LiveCounts IpipSource::counts() {
    LiveCounts counts;
    counts.received = received_;
    if (is_counting_) {
        for (const auto& socket : *sockets_) {
            counts.dropped_by_kernel += socket->dropped.load(std::memory_order_relaxed);
        }
    }
    return counts;
}

}  // namespace hepcap::capture
