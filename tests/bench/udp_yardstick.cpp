// Yardsticks for what receives HEP over UDP: a sender at a given rate, and the bare loop that only counts.
//
//   udp_yardstick send CAPTURE PORT RATE COUNT   the UDP payloads of a savefile (Ethernet, IPv4), round and
//                                                round, to 127.0.0.1; RATE a second, 0 for as fast as it goes
//   udp_yardstick sink PORT                      receives until SIGTERM, and what is queued then
//
// Both print one line: sent or received, and for the sender the seconds it took.
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t batch = 64;
constexpr int buffer_size = 64 << 20;

using Octets = std::span<const unsigned char>;

sockaddr_in loopback(const char* port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void enlarge(int fd, int forced, int plain) {
    if (::setsockopt(fd, SOL_SOCKET, forced, &buffer_size, sizeof buffer_size) != 0) {
        ::setsockopt(fd, SOL_SOCKET, plain, &buffer_size, sizeof buffer_size);
    }
}

std::vector<Octets> payloads_of(const std::vector<unsigned char>& capture) {
    constexpr std::size_t file_header = 24;
    constexpr std::size_t record_header = 16;
    constexpr std::size_t ethernet = 14;
    std::vector<Octets> payloads;
    for (std::size_t at = file_header; at + record_header <= capture.size();) {
        std::uint32_t size = 0;
        std::memcpy(&size, capture.data() + at + 8, sizeof size);
        at += record_header;
        if (size > capture.size() - at) break;
        const Octets packet(capture.data() + at, size);
        at += size;
        if (packet.size() < ethernet + 20) continue;
        const std::size_t payload = ethernet + (packet[ethernet] & 15U) * 4 + 8;
        if (payload < packet.size()) payloads.push_back(packet.subspan(payload));
    }
    if (payloads.empty()) throw std::runtime_error("no UDP payload in the savefile");
    return payloads;
}

double now() {
    timespec t{};
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

void sleep_until(double moment) {
    const timespec t{static_cast<time_t>(moment),
                     static_cast<long>((moment - static_cast<double>(static_cast<time_t>(moment))) * 1e9)};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr);
}

void send(const char* file, const char* port, double rate, std::size_t count) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<unsigned char> capture{std::istreambuf_iterator<char>(in), {}};
    const std::vector<Octets> payloads = payloads_of(capture);
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect");
    enlarge(fd, SO_SNDBUFFORCE, SO_SNDBUF);
    std::array<mmsghdr, batch> headers{};
    std::array<iovec, batch> vectors{};
    const double start = now();
    std::size_t sent = 0;
    while (sent < count) {
        // At most what is due by now, so that a moment lost is no burst of thousands.
        const std::size_t size = std::min(batch, count - sent);
        for (std::size_t i = 0; i < size; ++i) {
            const Octets payload = payloads[(sent + i) % payloads.size()];
            vectors[i] = {const_cast<unsigned char*>(payload.data()), payload.size()};
            headers[i].msg_hdr.msg_iov = &vectors[i];
            headers[i].msg_hdr.msg_iovlen = 1;
        }
        const int got = ::sendmmsg(fd, headers.data(), static_cast<unsigned>(size), 0);
        if (got < 0) throw std::runtime_error(std::strerror(errno));
        sent += static_cast<std::size_t>(got);
        if (rate > 0) sleep_until(start + static_cast<double>(sent) / rate);
    }
    std::printf("%zu %.6f\n", sent, now() - start);
}

volatile sig_atomic_t is_stopped = 0;

void sink(const char* port) {
    struct sigaction action {};
    action.sa_handler = [](int) { is_stopped = 1; };
    ::sigaction(SIGTERM, &action, nullptr);
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const sockaddr_in address = loopback(port);
    enlarge(fd, SO_RCVBUFFORCE, SO_RCVBUF);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot bind");
    static std::array<std::array<char, 65536>, batch> room;
    std::array<mmsghdr, batch> headers{};
    std::array<iovec, batch> vectors{};
    for (std::size_t i = 0; i < batch; ++i) {
        vectors[i] = {room[i].data(), room[i].size()};
        headers[i].msg_hdr.msg_iov = &vectors[i];
        headers[i].msg_hdr.msg_iovlen = 1;
    }
    std::size_t received = 0;
    while (true) {
        const int got = ::recvmmsg(fd, headers.data(), batch, MSG_DONTWAIT, nullptr);
        if (got > 0) {
            received += static_cast<std::size_t>(got);
            continue;
        }
        if (is_stopped) break;
        pollfd ready{fd, POLLIN, 0};
        ::poll(&ready, 1, 100);
    }
    std::printf("%zu\n", received);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::string_view mode = argc > 1 ? argv[1] : "";
        if (mode == "send" && argc == 6) {
            send(argv[2], argv[3], std::atof(argv[4]), static_cast<std::size_t>(std::atol(argv[5])));
        } else if (mode == "sink" && argc == 3) {
            sink(argv[2]);
        } else {
            std::fputs("usage: udp_yardstick send CAPTURE PORT RATE COUNT | sink PORT\n", stderr);
            return 2;
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "udp_yardstick: %s\n", e.what());
        return 1;
    }
    return 0;
}
