#include "net/service_manager.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/file_descriptor.hpp"

using hepcap::FileDescriptor;
using hepcap::net::ServiceEnvironment;
using hepcap::net::ServiceManager;

TEST_SUITE_BEGIN("net");

namespace {

FileDescriptor listen_on(const std::string& name) {
    FileDescriptor fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
    return fd;
}

std::string receive(const FileDescriptor& fd) {
    char room[256];
    const ssize_t got = ::recv(fd.get(), room, sizeof room, 0);
    return got < 0 ? "" : std::string(room, static_cast<std::size_t>(got));
}

}  // namespace

TEST_CASE("sockets are taken only where they were meant for this process") {
    ServiceEnvironment environment;
    environment.listen_fds = "2";
    environment.listen_pid = "4711";
    environment.listen_fdnames = "udp:tls";
    const ServiceManager ours(environment, 4711);
    CHECK(ours.handed_over() == 2);
    CHECK(ours.names() == "udp:tls");
    CHECK(ServiceManager(environment, 4712).handed_over() == 0);
    for (const char* count : {"-1", "x", "", "2x", "99999999999999999999", "1025"}) {
        CAPTURE(count);
        environment.listen_fds = count;
        CHECK(ServiceManager(environment, 4711).handed_over() == 0);
    }
    CHECK(ServiceManager({}, 1).handed_over() == 0);
}

TEST_CASE("signs of life are due in half of the watchdog's time, where they are expected of this process") {
    ServiceEnvironment environment;
    environment.watchdog_usec = "30000000";
    CHECK(ServiceManager(environment, 5).alive_interval() == std::chrono::seconds(15));
    environment.watchdog_pid = "6";
    CHECK(ServiceManager(environment, 5).alive_interval().count() == 0);
    CHECK(ServiceManager(environment, 6).alive_interval() == std::chrono::seconds(15));
}

TEST_CASE("the manager is told on a socket in the file system or an abstract one") {
    char pattern[] = "/tmp/hepcap-notify-XXXXXX";
    const std::string directory = ::mkdtemp(pattern);
    for (const std::string& name : {directory + "/notify", "@hepcap-test-" + directory}) {
        CAPTURE(name);
        const FileDescriptor manager = listen_on(name);
        ServiceEnvironment environment;
        environment.notify_socket = name.c_str();
        ServiceManager(environment, 1).tell("READY=1");
        CHECK(receive(manager) == "READY=1");
    }
    std::filesystem::remove_all(directory);
}

TEST_CASE("without a manager, or with a name that is none, telling does nothing") {
    ServiceManager({}, 1).tell("READY=1");
    for (const std::string& name :
         {std::string("/nonexistent/notify"), std::string("vsock:2:1234"), std::string(500, '/')}) {
        ServiceEnvironment environment;
        environment.notify_socket = name.c_str();
        ServiceManager(environment, 1).tell("READY=1");
    }
}

TEST_SUITE_END();
