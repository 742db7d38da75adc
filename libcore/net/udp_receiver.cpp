#include "net/udp_receiver.hpp"

#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <cstring>

namespace hepcap::net {

namespace {

constexpr std::size_t batch_size = 64;
constexpr std::size_t datagram_room = 65536;  // more than UDP can carry
constexpr std::size_t control_room = 128;     // time, drops, IPv6 packet info: 32 + 24 + 40
constexpr int tick_ms = 1000;
constexpr int most_rounds_without_wait = 64;
// After the stop nothing new enters the queue; this bounds what a socket that is not ours may do to us.
constexpr int rounds_after_stop = 10'000;

// The kernel's count of datagrams that it dropped on a socket since that was made; 0 where it is too old
// (before Linux 4.12) to tell.
std::uint32_t drops_of(int fd) {
    std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
    socklen_t length = sizeof info;
    if (::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info.data(), &length) != 0) return 0;
    return length > SK_MEMINFO_DROPS * sizeof info[0] ? info[SK_MEMINFO_DROPS] : 0;
}

template <class T>
T data_of(const cmsghdr& header) {
    T value;
    std::memcpy(&value, CMSG_DATA(&header), sizeof value);
    return value;
}

}  // namespace

struct UdpReceiver::Batch {
    std::array<mmsghdr, batch_size> headers{};
    std::array<iovec, batch_size> vectors{};
    std::array<sockaddr_storage, batch_size> peers{};
    alignas(cmsghdr) std::array<std::array<char, control_room>, batch_size> controls{};
    std::unique_ptr<std::uint8_t[]> octets =
        std::make_unique_for_overwrite<std::uint8_t[]>(batch_size * datagram_room);
    std::vector<pollfd> polls;

    Batch() {
        for (std::size_t i = 0; i < batch_size; ++i) {
            vectors[i] = {octets.get() + i * datagram_room, datagram_room};
            msghdr& header = headers[i].msg_hdr;
            header.msg_iov = &vectors[i];
            header.msg_iovlen = 1;
            header.msg_name = &peers[i];
            header.msg_control = controls[i].data();
        }
        prepare(batch_size);
    }

    // The kernel writes these lengths: they are set anew for what was used.
    void prepare(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
            headers[i].msg_hdr.msg_controllen = control_room;
        }
    }
};

UdpReceiver::UdpReceiver(std::vector<BoundSocket> sockets, Consumer& consumer, const StopSignal& stop)
    : sockets_(std::move(sockets)),
      drops_seen_(sockets_.size(), 0),
      consumer_(consumer),
      stop_(stop),
      batch_(std::make_unique<Batch>()),
      is_ready_(sockets_.size(), true) {
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
        batch_->polls.push_back({sockets_[i].fd.get(), POLLIN, 0});
        drops_seen_[i] = drops_of(sockets_[i].fd.get());
    }
    batch_->polls.push_back({stop_.fd(), POLLIN, 0});
}

UdpReceiver::~UdpReceiver() = default;

// What the kernel says beside a datagram: when it came, to which address, what was dropped before it.
void UdpReceiver::read_control(std::size_t index, msghdr& header, Arrival& arrival) {
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            const auto t = data_of<timespec>(*c);
            arrival.time = Timestamp::from_parts(t.tv_sec, t.tv_nsec / 1000 * 1000);
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
            take_drop_count(index, data_of<std::uint32_t>(*c));
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            const auto info = data_of<in_pktinfo>(*c);
            arrival.local.address =
                IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&info.ipi_addr.s_addr));
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            const auto info = data_of<in6_pktinfo>(*c);
            sockaddr_in6 v6{};
            v6.sin6_family = AF_INET6;
            v6.sin6_addr = info.ipi6_addr;
            sockaddr_storage storage{};
            std::memcpy(&storage, &v6, sizeof v6);
            arrival.local.address = endpoint_of(storage).address;
        }
    }
}

std::size_t UdpReceiver::receive(std::size_t index) {
    const BoundSocket& socket = sockets_[index];
    const int got = ::recvmmsg(socket.fd.get(), batch_->headers.data(), batch_size, MSG_DONTWAIT, nullptr);
    // EAGAIN, or what the kernel wants to say about an earlier datagram of ours: the next poll tells.
    if (got <= 0) return 0;
    const auto count = static_cast<std::size_t>(got);
    Arrival arrival;
    arrival.transport = Transport::udp;
    for (std::size_t i = 0; i < count; ++i) {
        arrival.peer = endpoint_of(batch_->peers[i]);
        arrival.local = socket.local;
        arrival.time = {};
        read_control(index, batch_->headers[i].msg_hdr, arrival);
        if (arrival.time == Timestamp{}) arrival.time = Timestamp::now().in_micros();
        consumer_.take({batch_->octets.get() + i * datagram_room, batch_->headers[i].msg_len}, arrival);
    }
    batch_->prepare(count);
    return count;
}

void UdpReceiver::count_drops() {
    for (std::size_t i = 0; i < sockets_.size(); ++i) take_drop_count(i, drops_of(sockets_[i].fd.get()));
}

// The counter has 32 bits and wraps.  One that went back is older than what is known already: a datagram
// tells how it stood when the datagram was queued.
void UdpReceiver::take_drop_count(std::size_t index, std::uint32_t total) {
    const std::uint32_t more = total - drops_seen_[index];
    if (more == 0 || more >= 0x80000000U) return;
    drops_seen_[index] = total;
    consumer_.kernel_dropped(more);
}

void UdpReceiver::wait() {
    const int ready = ::poll(batch_->polls.data(), batch_->polls.size(), tick_ms);
    if (ready == 0) count_drops();
    for (std::size_t i = 0; i < sockets_.size(); ++i)
        is_ready_[i] = ready > 0 && batch_->polls[i].revents != 0;
}

// From here on the kernel refuses what arrives, by a filter that passes nothing, and counts it as
// dropped; what is queued stays.  A socket that was handed over goes back as it came.
void UdpReceiver::close_doors() {
    sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &nothing};
    for (const BoundSocket& socket : sockets_) {
        if (socket.is_handed_over) continue;
        ::setsockopt(socket.fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
    }
}

void UdpReceiver::run() {
    int rounds_left = rounds_after_stop;
    int rounds_without_wait = 0;
    bool is_closing = false;
    while (true) {
        if (!is_closing && stop_.is_raised()) {
            is_closing = true;
            close_doors();
            is_ready_.assign(sockets_.size(), true);
        }
        std::size_t received = 0;
        bool is_full = false;
        for (std::size_t i = 0; i < sockets_.size(); ++i) {
            if (!is_ready_[i]) continue;
            const std::size_t count = receive(i);
            is_full |= count == batch_size;
            received += count;
        }
        if (is_closing && (received == 0 || --rounds_left == 0)) break;
        // Where there is always more, what is held back has to go all the same.
        const bool is_due = ++rounds_without_wait >= most_rounds_without_wait;
        if ((is_full || is_closing) && !is_due) continue;
        rounds_without_wait = 0;
        consumer_.before_wait();
        if (is_full || is_closing) continue;
        wait();
    }
    count_drops();
    consumer_.before_wait();
}

}  // namespace hepcap::net
