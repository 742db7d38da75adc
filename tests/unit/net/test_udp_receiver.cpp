#include "net/udp_receiver.hpp"

#include "base/error.hpp"
#include "receiving.hpp"

using namespace hepcap;
using namespace hepcap::net;

TEST_SUITE_BEGIN("net");

namespace {

// A receiver on a thread, stopped and joined at the end.
struct Running {
    explicit Running(const char* address, BindOptions options = {}, std::size_t buffer = 0) {
        SilentLog log;
        options.receive_buffer = buffer;
        std::vector<BoundSocket> sockets = bind(parse_socket_address(address), options, false, log);
        where.local = sockets.front().local;
        where.protocol = sockets.front().protocol;
        receiver = std::make_unique<UdpReceiver>(std::move(sockets), recorder, stop);
    }
    void start() {
        thread = std::thread([this] { receiver->run(); });
    }
    void finish() {
        stop.raise();
        if (thread.joinable()) thread.join();
    }
    ~Running() { finish(); }

    Recorder recorder;
    StopSignal stop;
    BoundSocket where;
    std::unique_ptr<UdpReceiver> receiver;
    std::thread thread;
};

}  // namespace

TEST_CASE("a datagram arrives with its sender, our address and its time") {
    for (const char* address : {"udp:127.0.0.1:0", "udp:[::1]:0"}) {
        CAPTURE(address);
        Running running(address);
        running.start();
        const FileDescriptor sender = connect_to(running.where);
        send_text(sender, "HEP3 first");
        send_text(sender, "");
        REQUIRE(eventually([&] { return running.recorder.taken().size() == 2; }));
        CHECK(running.recorder.taken() == std::vector<std::string>{"HEP3 first", ""});
        const Arrival arrival = running.recorder.arrivals().front();
        CHECK(arrival.peer == endpoint_of(local_of(sender.get()).storage));
        CHECK(arrival.local == running.where.local);
        CHECK(arrival.transport == Transport::udp);
        CHECK(arrival.time.second() > 1'700'000'000);
        CHECK(arrival.time.nanosecond() % 1000 == 0);
        CHECK(running.recorder.waits > 0);
    }
}

TEST_CASE("a wildcard socket tells which of our addresses a datagram was sent to") {
    Running running("udp:0.0.0.0:0", {.wants_local_address = true});
    running.start();
    running.where.local.address = IpAddress::v4(reinterpret_cast<const std::uint8_t*>("\x7f\x00\x00\x05"));
    send_text(connect_to(running.where), "x");
    REQUIRE(eventually([&] { return running.recorder.taken().size() == 1; }));
    CHECK(to_text(running.recorder.arrivals().front().local) == to_text(running.where.local));
}

TEST_CASE("a dual-stack socket calls an IPv4 sender by its IPv4 address") {
    Running running("udp:[::]:0");
    running.start();
    running.where.local.address = IpAddress::v4(reinterpret_cast<const std::uint8_t*>("\x7f\x00\x00\x01"));
    send_text(connect_to(running.where), "x");
    REQUIRE(eventually([&] { return running.recorder.taken().size() == 1; }));
    CHECK(running.recorder.arrivals().front().peer.address.to_text() == "127.0.0.1");
}

TEST_CASE("what the kernel had queued before the stop is received, and what it dropped is counted") {
    constexpr std::size_t sent = 2000;
    Running running("udp:127.0.0.1:0", {}, 64 * 1024);
    const FileDescriptor sender = connect_to(running.where);
    for (std::size_t i = 0; i < sent; ++i) send_text(sender, "some hundred octets are not needed to fill it");
    running.stop.raise();
    running.start();
    running.thread.join();
    const std::size_t received = running.recorder.taken().size();
    CHECK(received > 0);
    CHECK(received < sent);
    CHECK(received + running.recorder.drops == sent);
}

TEST_CASE("a port that somebody has is refused, also where several sockets are to share it") {
    SilentLog log;
    std::vector<BoundSocket> first = bind(parse_socket_address("udp:127.0.0.1:0"), {}, false, log);
    const SocketAddress same{SocketAddress::Protocol::udp, "127.0.0.1", first.front().local.port};
    for (const std::size_t copies : {1U, 3U}) {
        CAPTURE(copies);
        try {
            bind(same, {.copies = copies}, false, log);
            FAIL("bound twice");
        } catch (const Error& e) {
            CHECK(std::string(e.what()).find("Address already in use") != std::string::npos);
            CHECK(e.code() == ExitCode::temporary);
        }
    }
}

TEST_CASE("copies of a socket share one port, chosen or given") {
    SilentLog log;
    const std::vector<BoundSocket> sockets =
        bind(parse_socket_address("udp:127.0.0.1:0"), {.copies = 3}, false, log);
    REQUIRE(sockets.size() == 3);
    CHECK(sockets[0].local.port != 0);
    CHECK(sockets[1].local == sockets[0].local);
    CHECK(sockets[2].local == sockets[0].local);
}

TEST_SUITE_END();
