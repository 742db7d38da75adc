#include "control/request_fifo.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include "base/error.hpp"

namespace hepcap::control {

namespace {

[[noreturn]] void refuse(const std::string& path, std::string_view reason) {
    throw Error(fmt::format("cannot make the FIFO '{}': {}", path, reason));
}

void remove_stale(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) return;
    if (!S_ISFIFO(found.st_mode)) refuse(path, "there is a file of that name");
    const FileDescriptor writer(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    if (writer) refuse(path, "another process reads it; stop it or choose another path");
    if (errno != ENXIO) refuse(path, errno_text(errno));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) refuse(path, errno_text(errno));
}

}  // namespace

NamedFifo::NamedFifo(std::string path) : path_(std::move(path)) {
    remove_stale(path_);
    if (::mkfifo(path_.c_str(), 0600) != 0) refuse(path_, errno_text(errno));
    // Open for writing, too: else the end of one writer would be the end of the FIFO.
    fifo_.reset(::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    struct stat made {};
    if (!fifo_ || ::fstat(fifo_.get(), &made) != 0 || !S_ISFIFO(made.st_mode) ||
        ::fchmod(fifo_.get(), 0660) != 0) {
        refuse(path_, errno_text(errno));
    }
    device_ = made.st_dev;
    inode_ = made.st_ino;
}

NamedFifo::~NamedFifo() {
    struct stat found {};
    if (::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_) {
        ::unlink(path_.c_str());
    }
}

}  // namespace hepcap::control
