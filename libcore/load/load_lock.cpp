#include "load/load_lock.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/error.hpp"
#include "control/signals.hpp"
#include "load/database_name.hpp"

namespace hepcap::load {
namespace {

std::string lock_path(std::string_view url) {
    const std::size_t colon = url.find(':');
    const std::string_view scheme = url.substr(0, colon);
    const std::string_view location =
        colon == std::string_view::npos ? std::string_view() : url.substr(colon + 1);
    if (scheme == "null" || location.empty() || location == ":memory:") return {};
    const std::string name = database_name(url);
    if (scheme == "sqlite") return name.substr(colon + 1) + ".lock";
    const char* const directory = ::access("/run/lock", W_OK | X_OK) == 0 ? "/run/lock" : "/tmp";
    return fmt::format("{}/hepcap-load-{}-{:016x}.lock", directory, ::geteuid(),
                       XXH3_64bits(name.data(), name.size()));
}

}  // namespace

LoadLock::LoadLock(std::string_view url) : path_(lock_path(url)) {
    if (path_.empty()) return;
    constexpr mode_t mode = 0660;  // as far as the umask allows: a group may share a database
    fd_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode));
    if (!fd_) {
        throw Error(fmt::format("--lock: cannot open '{}': {}; its directory must exist and be writable for "
                                "you, and the file must be no link",
                                path_, errno_text(errno)),
                    ExitCode::usage);
    }
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink > 1) {
        throw Error(fmt::format("--lock: '{}' is no file that hepcap-load has made; remove it", path_),
                    ExitCode::usage);
    }
}

LoadLock::Outcome LoadLock::take(bool wait) {
    if (path_.empty()) return Outcome::held;
    // Asked again and again, because a signal between a look at its flag and a call that waits would be
    // seen too late.
    constexpr std::chrono::milliseconds pause{100};
    while (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            throw Error(fmt::format("--lock: cannot lock '{}': {}", path_, errno_text(errno)),
                        ExitCode::usage);
        if (!wait) return Outcome::busy;
        if (control::stop_requested()) return Outcome::stopped;
        std::this_thread::sleep_for(pause);
    }
    return Outcome::held;
}

}  // namespace hepcap::load
