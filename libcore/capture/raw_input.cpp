#include "capture/raw_input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/error.hpp"

namespace hepcap::capture {

namespace {

constexpr int wide_pipe = 1 << 20;  // fewer, longer reads: twice the rate of the usual 64 KiB

int open_for_reading(const std::string& name) {
    for (;;) {
        const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd >= 0 || errno != EINTR) return fd;
    }
}

// Merging may need more files at once than the soft limit lets a process have; the hard limit is
// the one that somebody meant.
bool raise_open_file_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return false;
    limit.rlim_cur = limit.rlim_max;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace

std::string quoted_input(const std::string& name) {
    return name == "-" ? "standard input" : "'" + name + "'";
}

RawInput::RawInput(const std::string& name, std::function<void()> before_wait)
    : before_wait_(std::move(before_wait)) {
    if (name == "-") {
        fd_ = STDIN_FILENO;
    } else {
        fd_ = open_for_reading(name);
        if (fd_ < 0 && errno == EMFILE && raise_open_file_limit()) fd_ = open_for_reading(name);
        if (fd_ < 0) throw Error("cannot open " + quoted_input(name) + ": " + errno_text(errno));
        is_owner_ = true;
    }

    struct stat status {};
    if (::fstat(fd_, &status) != 0) {
        const int cause = errno;
        if (is_owner_) ::close(fd_);
        throw Error("cannot read " + quoted_input(name) + ": " + errno_text(cause));
    }
    if (S_ISDIR(status.st_mode)) {
        if (is_owner_) ::close(fd_);
        throw Error("cannot read " + quoted_input(name) +
                    ": it is a directory; name the capture files in it");
    }
    may_wait_ = !S_ISREG(status.st_mode);
    if (S_ISFIFO(status.st_mode)) ::fcntl(fd_, F_SETPIPE_SZ, wide_pipe);
    if (S_ISREG(status.st_mode)) ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
}

RawInput::~RawInput() {
    if (is_owner_) ::close(fd_);
}

RawInput::RawInput(RawInput&& other) noexcept
    : fd_(other.fd_),
      is_owner_(std::exchange(other.is_owner_, false)),
      may_wait_(other.may_wait_),
      before_wait_(std::move(other.before_wait_)) {}

ssize_t RawInput::read(std::uint8_t* out, std::size_t n) {
    for (;;) {
        pollfd state{fd_, POLLIN, 0};
        if (may_wait_ && before_wait_ && ::poll(&state, 1, 0) == 0) before_wait_();
        const ssize_t got = ::read(fd_, out, n);
        if (got >= 0) return got;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            ::poll(&state, 1, -1);  // standard input may have been made non-blocking by its other users
        } else if (errno != EINTR) {
            return -1;
        }
    }
}

}  // namespace hepcap::capture
