#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/file_descriptor.hpp"
#include "net/absence.hpp"
#include "net/sender_group.hpp"

using namespace hepcap;
using std::chrono::milliseconds;

TEST_SUITE_BEGIN("net");

namespace {

class RememberingLog final : public Log {
public:
    void warn(std::string_view sentence) override { said.emplace_back(sentence); }
    void error(std::string_view sentence) override { said.emplace_back(sentence); }
    std::vector<std::string> said;
};

// A socket of the test's own on loopback; a stream's is listening.
struct Peer {
    explicit Peer(int type) : socket(::socket(AF_INET, type, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        socklen_t size = sizeof address;
        REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port = ntohs(address.sin_port);
        if (type == SOCK_STREAM) REQUIRE(::listen(socket.get(), 5) == 0);
    }
    net::SocketAddress address(net::SocketAddress::Protocol protocol) const {
        return {protocol, "127.0.0.1", port};
    }

    FileDescriptor socket;
    std::uint16_t port = 0;
};

std::string received(int fd) {
    pollfd ready{fd, POLLIN, 0};
    if (::poll(&ready, 1, 2000) <= 0) return "nothing";
    std::string octets(70'000, '\0');
    const ssize_t size = ::recv(fd, octets.data(), octets.size(), 0);
    octets.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return octets;
}

// A HEP3 message of that many octets.
std::string message(std::size_t size) {
    std::string octets = "HEP3";
    octets.push_back(static_cast<char>(size >> 8));
    octets.push_back(static_cast<char>(size));
    octets.resize(size, 'x');
    return octets;
}

constexpr auto udp = net::SocketAddress::Protocol::udp;
constexpr auto tcp = net::SocketAddress::Protocol::tcp;

}  // namespace

TEST_CASE("over UDP a message is a datagram, and leaves with flush at the latest") {
    RememberingLog log;
    const Peer peer(SOCK_DGRAM);
    const auto sender = net::open_sender(peer.address(udp), {}, log);
    for (const std::size_t size : {100U, 40'000U, 65'507U}) {
        sender->send(as_bytes(message(size)));
        sender->flush();
        CHECK(received(peer.socket.get()) == message(size));
    }
    sender->send(as_bytes(message(65'508)));
    sender->close();
    CHECK(sender->counts().sent == 3);
    CHECK(sender->counts().octets == 100 + 40'000 + 65'507);
    CHECK(sender->counts().too_long == 1);
    CHECK(log.said.empty());
}

TEST_CASE("what comes back over UDP is counted, or sent again until the patience ends") {
    RememberingLog log;
    net::SocketAddress nobody;
    {
        const Peer peer(SOCK_DGRAM);
        nobody = peer.address(udp);
    }
    net::SenderOptions options;
    options.drops = true;
    const auto dropping = net::open_sender(nobody, options, log);
    for (int i = 0; i < 3; ++i) dropping->send(as_bytes(message(100)));
    dropping->close();
    CHECK(dropping->counts().sent == 0);
    CHECK(dropping->counts().refused == 3);

    options.drops = false;
    options.give_up = milliseconds(300);
    const auto waiting = net::open_sender(nobody, options, log);
    waiting->send(as_bytes(message(100)));
    CHECK_THROWS_WITH_AS(waiting->flush(), doctest::Contains("Connection refused"), Error);
    CHECK(waiting->counts().sent == 0);
}

TEST_CASE("over TCP messages are back to back, and the end is an end") {
    RememberingLog log;
    const Peer peer(SOCK_STREAM);
    const auto sender = net::open_sender(peer.address(tcp), {}, log);
    sender->send(as_bytes(message(10)));
    sender->send(as_bytes(message(20)));
    sender->flush();
    const FileDescriptor connection(::accept(peer.socket.get(), nullptr, nullptr));
    CHECK(received(connection.get()) == message(10) + message(20));
    sender->close();
    CHECK(received(connection.get()).empty());
    CHECK(sender->counts().sent == 2);
    CHECK(sender->counts().connections == 1);
    CHECK(sender->counts().lost_connections == 0);
}

TEST_CASE("a sender that drops keeps no more than its buffer, and counts the rest") {
    RememberingLog log;
    const Peer peer(SOCK_STREAM);  // accepts by its kernel, and reads nothing
    net::SenderOptions options;
    options.drops = true;
    options.buffer = 200'000;
    const auto sender = net::open_sender(peer.address(tcp), options, log);
    constexpr int count = 2'000;
    for (int i = 0; i < count; ++i) sender->send(as_bytes(message(10'000)));
    const net::SenderCounts& c = sender->counts();
    CHECK(c.dropped > 0);
    CHECK(c.sent + c.dropped <= count);
    CHECK(c.sent + c.dropped + options.buffer / 10'000 >= count);
}

TEST_CASE("a stopped sender does not wait for a collector that is away, and says what it kept") {
    RememberingLog log;
    net::SocketAddress nobody;
    {
        const Peer peer(SOCK_STREAM);
        nobody = peer.address(tcp);
    }
    bool is_stopped = false;
    net::SenderOptions options;
    options.is_stopped = [&] { return is_stopped; };
    const auto sender = net::open_sender(nobody, options, log);
    sender->send(as_bytes(message(100)));
    sender->send(as_bytes(message(200)));
    is_stopped = true;
    sender->close();
    CHECK(sender->counts().sent == 0);
    CHECK(sender->counts().unsent == 2);
    REQUIRE(log.said.size() == 1);
    CHECK(log.said[0].find("Connection refused; trying again") != std::string::npos);
}

TEST_CASE("pauses grow, are scattered, and begin anew after a reset") {
    Backoff backoff;
    milliseconds limit = Backoff::shortest;
    for (int i = 0; i < 12; ++i) {
        const milliseconds pause = backoff.next();
        CHECK(pause <= limit);
        CHECK(pause >= limit / 2);
        limit = std::min(limit * 2, Backoff::longest);
    }
    backoff.reset();
    CHECK(backoff.next() <= Backoff::shortest);
}

TEST_CASE("one absence is said once, and a connection that does not settle does not end it") {
    RememberingLog log;
    net::Absence absence("tcp:192.0.2.1:9060", milliseconds(150), log);
    absence.is_away("the connection was closed");
    CHECK_FALSE(absence.may_try());
    absence.is_away("the connection was closed");
    absence.answers();
    REQUIRE(log.said.size() == 2);
    CHECK(log.said[1] == "tcp:192.0.2.1:9060 is there again");
    std::this_thread::sleep_for(milliseconds(160));
    CHECK_THROWS_AS(absence.is_away("the connection was closed"), Error);
    absence.has_settled();
    CHECK_NOTHROW(absence.is_away("the connection was closed"));
}

TEST_CASE("a wait for the time of a message is as long as it should be, and asks meanwhile") {
    int woken = 0;
    net::SenderGroup group([&] { ++woken; });
    const std::int64_t begun = net::SenderGroup::now();
    group.wait_until(begun + 30'000'000);
    const std::int64_t waited = net::SenderGroup::now() - begun;
    CHECK(waited >= 30'000'000);
    CHECK(woken >= 1);
    group.wait_until(begun);  // is past
}

TEST_SUITE_END();
