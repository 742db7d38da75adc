#include "control/client.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <thread>

#include "base/error.hpp"
#include "control/control_socket.hpp"
#include "temporary_directory.hpp"

using hepcap::Error;
using hepcap::ExitCode;
using hepcap::FileDescriptor;
using hepcap::control::connect_control;
using hepcap::control::ControlClient;
using std::chrono::milliseconds;

namespace {

// A tool that has not got round to those who want to connect: its socket has room for one.
FileDescriptor listen_at(const std::string& path) {
    FileDescriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener.get(), 0) == 0);
    return listener;
}

}  // namespace

TEST_SUITE("control") {
    TEST_CASE("who finds a crowd before the socket waits for his turn, and not for ever") {
        const hepcap::test::TemporaryDirectory directory;
        const std::string path = directory / "socket";
        const FileDescriptor listener = listen_at(path);
        const FileDescriptor first = connect_control(path);
        REQUIRE(first);
        try {
            ControlClient(path, milliseconds(50));
            FAIL_CHECK("connected");
        } catch (const Error& e) {
            CHECK(e.code() == ExitCode::temporary);
        }
        std::thread tool([&] {
            std::this_thread::sleep_for(milliseconds(100));
            const FileDescriptor taken(::accept(listener.get(), nullptr, nullptr));
        });
        CHECK_NOTHROW(ControlClient(path, milliseconds(10'000)));
        tool.join();
    }
}
