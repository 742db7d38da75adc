#include "net/stream_server.hpp"

#include <poll.h>

#include "receiving.hpp"

using namespace hepcap;
using namespace hepcap::net;

TEST_SUITE_BEGIN("net");

namespace {

struct Running {
    explicit Running(StreamLimits limits = {}, bool starts = true) {
        SilentLog log;
        std::vector<BoundSocket> sockets = bind(parse_socket_address("tcp:127.0.0.1:0"), {}, false, log);
        where.local = sockets.front().local;
        where.protocol = sockets.front().protocol;
        server = std::make_unique<StreamServer>(std::move(sockets), limits, recorder, tls, stop);
        if (starts) start();
    }
    void start() {
        thread = std::thread([this] { server->run(); });
    }
    void finish() {
        stop.raise();
        if (thread.joinable()) thread.join();
    }
    ~Running() { finish(); }

    // Whether the other side has closed the connection, within five seconds.
    static bool is_closed(const FileDescriptor& fd) {
        pollfd poll{fd.get(), POLLIN, 0};
        char octet = 0;
        return ::poll(&poll, 1, 5000) == 1 && ::recv(fd.get(), &octet, 1, MSG_DONTWAIT) <= 0;
    }

    Recorder recorder;
    TlsSlot tls;
    StopSignal stop;
    BoundSocket where;
    std::unique_ptr<StreamServer> server;
    std::thread thread;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("frames of several connections arrive, whole, in the order of each") {
    Running running;
    const FileDescriptor a = connect_to(running.where);
    const FileDescriptor b = connect_to(running.where);
    send_text(a, "3ab");
    send_text(b, "1x2");
    REQUIRE(eventually([&] { return running.recorder.taken().size() == 1; }));
    send_text(a, "c0");
    REQUIRE(eventually([&] { return running.recorder.taken().size() == 3; }));
    send_text(b, "yz");
    REQUIRE(eventually([&] { return running.recorder.taken().size() == 4; }));
    CHECK(running.recorder.taken() == Texts{"1x", "3abc", "0", "2yz"});
    CHECK(running.recorder.arrivals().front().peer == endpoint_of(local_of(b.get()).storage));
    CHECK(running.recorder.arrivals().front().local == running.where.local);
    CHECK(running.recorder.arrivals().front().transport == Transport::tcp);
    CHECK(running.server->connections() == 2);
}

TEST_CASE("how a connection ended is told, with what was lost of it") {
    Running running;
    const auto cause_after = [&](std::string_view text) {
        const std::size_t before = running.recorder.causes().size();
        {
            const FileDescriptor sender = connect_to(running.where);
            send_text(sender, text);
        }
        REQUIRE(eventually([&] { return running.recorder.causes().size() > before; }));
        return running.recorder.causes().back();
    };
    CHECK(cause_after("1a") == "ended");
    CHECK(cause_after("1a5bcd") == "cut-frame");
    CHECK(running.recorder.lost == 4);
    CHECK(cause_after("1a!!!") == "bad-frame");
    CHECK(running.recorder.taken() == Texts{"1a", "1a", "1a"});
}

TEST_CASE("a frame that is not finished in time ends its connection and no other") {
    Running running({.frame = std::chrono::seconds(1)});
    const FileDescriptor slow = connect_to(running.where);
    const FileDescriptor silent = connect_to(running.where);
    const FileDescriptor good = connect_to(running.where);
    send_text(slow, "9abc");
    send_text(good, "1a");
    CHECK(Running::is_closed(slow));
    CHECK(running.recorder.causes() == Texts{"slow-frame"});
    send_text(good, "1b");
    send_text(silent, "1c");
    CHECK(eventually([&] { return running.recorder.taken().size() == 3; }));
}

TEST_CASE("a connection that is silent for too long is closed where that is wanted") {
    Running running({.idle = std::chrono::seconds(1)});
    const FileDescriptor silent = connect_to(running.where);
    CHECK(Running::is_closed(silent));
    CHECK(running.recorder.causes() == Texts{"idle"});
}

TEST_CASE("where there are too many, who never sent anything makes room, the longest silent first") {
    Running running({.connections = 3});
    const FileDescriptor useful = connect_to(running.where);
    send_text(useful, "1a");
    REQUIRE(eventually([&] { return running.recorder.taken().size() == 1; }));
    const FileDescriptor silent = connect_to(running.where);
    REQUIRE(eventually([&] { return running.server->connections() == 2; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const FileDescriptor later = connect_to(running.where);
    REQUIRE(eventually([&] { return running.server->connections() == 3; }));
    const FileDescriptor newcomer = connect_to(running.where);
    CHECK(Running::is_closed(silent));
    CHECK(running.recorder.causes() == Texts{"evicted"});
    send_text(newcomer, "1b");
    send_text(later, "1c");
    REQUIRE(eventually([&] { return running.recorder.taken().size() == 3; }));
    // All three have proved useful: there is no more room.
    const FileDescriptor one_too_many = connect_to(running.where);
    CHECK(Running::is_closed(one_too_many));
    CHECK(running.recorder.causes() == Texts{"evicted", "over-limit"});
    send_text(useful, "1d");
    CHECK(eventually([&] { return running.recorder.taken().size() == 4; }));
}

TEST_CASE("where all have sent something, who has been quiet for a while makes room for who has not") {
    Running running({.connections = 2, .quiet = std::chrono::seconds(1)});
    const FileDescriptor once = connect_to(running.where);
    send_text(once, "1a");
    const FileDescriptor busy = connect_to(running.where);
    send_text(busy, "1b");
    REQUIRE(eventually([&] { return running.recorder.taken().size() == 2; }));
    const FileDescriptor too_early = connect_to(running.where);
    CHECK(Running::is_closed(too_early));
    std::this_thread::sleep_for(std::chrono::milliseconds(1200));
    send_text(busy, "1c");
    REQUIRE(eventually([&] { return running.recorder.taken().size() == 3; }));
    const FileDescriptor newcomer = connect_to(running.where);
    CHECK(Running::is_closed(once));
    CHECK(running.recorder.causes() == Texts{"over-limit", "evicted"});
    send_text(busy, "1d");
    send_text(newcomer, "1e");
    CHECK(eventually([&] { return running.recorder.taken().size() == 5; }));
}

TEST_CASE("who has sent a frame that is still to be read does not make room") {
    Running running({.connections = 1}, false);
    const FileDescriptor sender = connect_to(running.where);
    send_text(sender, "1a");
    const FileDescriptor newcomer = connect_to(running.where);
    running.start();
    CHECK(Running::is_closed(newcomer));
    CHECK(running.recorder.taken() == Texts{"1a"});
    CHECK(running.recorder.causes() == Texts{"over-limit"});
}

TEST_CASE("unfinished frames take no more memory than allowed, the oldest going first") {
    Running running({.pending_octets = 10});
    const FileDescriptor oldest = connect_to(running.where);
    send_text(oldest, "9abcde");
    REQUIRE(eventually([&] { return running.server->connections() == 1; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const FileDescriptor newer = connect_to(running.where);
    send_text(newer, "9abcde");
    CHECK(Running::is_closed(oldest));
    CHECK(running.recorder.causes() == Texts{"over-memory"});
    send_text(newer, "fghi");
    CHECK(eventually([&] { return running.recorder.taken() == Texts{"9abcdefghi"}; }));
}

TEST_CASE("who is not admitted is closed at once, unheard") {
    Running running;
    running.recorder.admits_all = false;
    const FileDescriptor stranger = connect_to(running.where);
    CHECK(Running::is_closed(stranger));
    CHECK(running.recorder.causes() == Texts{"not-allowed"});
}

TEST_CASE("what was sent before the stop is received, from connections not yet accepted too") {
    Running running;
    std::vector<FileDescriptor> senders;
    for (int i = 0; i < 100; ++i) {
        senders.push_back(connect_to(running.where));
        send_text(senders.back(), "5abcde3xy");
    }
    running.finish();
    CHECK(running.recorder.taken().size() == 100);
    CHECK(running.recorder.lost == 300);
    CHECK(running.recorder.causes() == Texts(100, "stopped"));
    for (const FileDescriptor& sender : senders) CHECK(Running::is_closed(sender));
}

TEST_SUITE_END();
