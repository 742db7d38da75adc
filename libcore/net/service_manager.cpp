#include "net/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/file_descriptor.hpp"

namespace hepcap::net {

namespace {

std::optional<std::int64_t> number(const char* text) {
    if (!text) return std::nullopt;
    std::int64_t value = 0;
    const char* const end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

}  // namespace

ServiceManager::ServiceManager(const ServiceEnvironment& environment, int own_pid) {
    constexpr std::int64_t most = 1024;
    if (environment.notify_socket) socket_ = environment.notify_socket;
    if (number(environment.listen_pid) == own_pid) {
        const std::int64_t count = number(environment.listen_fds).value_or(0);
        if (count > 0 && count <= most) handed_over_ = static_cast<int>(count);
        if (environment.listen_fdnames) names_ = environment.listen_fdnames;
    }
    const bool is_meant = !environment.watchdog_pid || number(environment.watchdog_pid) == own_pid;
    const std::int64_t watchdog_us = number(environment.watchdog_usec).value_or(0);
    if (is_meant && watchdog_us > 0) alive_interval_ = std::chrono::microseconds(watchdog_us / 2);
}

void ServiceManager::tell(std::string_view state) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
    // A name that begins with @ is an abstract one, whose first octet is NUL.
    if (socket_.front() != '/' && socket_.front() != '@') return;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (socket_.front() == '@') address.sun_path[0] = '\0';
    const FileDescriptor fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd) return;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    // A manager that does not listen is no reason to fail.
    [[maybe_unused]] const ssize_t sent =
        ::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace hepcap::net
