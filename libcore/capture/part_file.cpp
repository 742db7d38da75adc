#include "capture/part_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/error.hpp"
#include "base/sync_directory.hpp"
#include "capture/savefile_name.hpp"
#include "capture/zstd_frames.hpp"

namespace hepcap::capture {

namespace {

bool exists(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

Error creation_error(const std::string& name, int cause) {
    const bool is_denied = cause == EACCES || cause == EPERM;
    return Error(fmt::format("cannot create '{}': {}{}", name, errno_text(cause),
                             is_denied ? "; it is made after privileges were dropped: the directory must be "
                                         "writable for the user that is left"
                                       : ""));
}

}  // namespace

bool is_taken(const std::string& name) { return exists(name) || exists(name + ".part"); }

PartFile::PartFile(std::string name, Keep keep)
    : name_(std::move(name)), part_name_(name_ + ".part"), keep_(std::move(keep)) {
    struct stat status {};
    if (::stat(name_.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode))
            throw Error(fmt::format("cannot write to '{}': it is a directory", name_));
        is_regular_ = S_ISREG(status.st_mode);
    }
    open();
    if (is_zstd_name(name_)) zstd_ = std::make_unique<ZstdFrames>();
}

PartFile::~PartFile() {
    if (fd_ < 0) return;
    if (is_regular_ && boundary_ == 0) ::unlink(part_name_.c_str());
    ::close(fd_);
}

void PartFile::open() {
    if (!is_regular_) {
        fd_ = ::open(name_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (fd_ < 0) throw Error(fmt::format("cannot open '{}': {}", name_, errno_text(errno)));
        return;
    }
    std::error_code ignored;  // the open that follows says what is wrong
    std::filesystem::create_directories(directory_of(name_), ignored);
    if (exists(part_name_)) take_over_old_part();
    fd_ = ::open(part_name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd_ < 0) throw creation_error(part_name_, errno);
    // Tells other processes that somebody writes it.
    ::flock(fd_, LOCK_EX | LOCK_NB);
}

// What a crash left is not overwritten: it may be all there is of some minutes.
void PartFile::take_over_old_part() {
    const int old = ::open(part_name_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (old >= 0) {
        const bool is_locked = ::flock(old, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        ::close(old);
        if (is_locked) {
            throw Error(
                fmt::format("'{}' is being written by another process; use another name", part_name_));
        }
    }
    std::uint64_t number = 1;
    while (is_taken(numbered_name(name_, number))) ++number;
    const std::string kept = numbered_name(name_, number);
    if (::rename(part_name_.c_str(), kept.c_str()) != 0) throw creation_error(part_name_, errno);
    rescued_ = kept;
}

void PartFile::write(std::string_view octets) {
    if (!zstd_) {
        write_all(octets);
        keep_boundary();
        return;
    }
    write_all(zstd_->append(octets));
    if (zstd_->is_between_frames()) keep_boundary();
}

void PartFile::flush() {
    if (zstd_) write_all(zstd_->flush());
}

// Of a frame that has begun, the compressor may still have all.
bool PartFile::is_whole() const { return boundary_ == written_ && (!zstd_ || zstd_->is_between_frames()); }

void PartFile::keep_boundary() { boundary_ = written_; }

void PartFile::write_all(std::string_view piece) {
    std::string_view octets = piece;
    while (!octets.empty()) {
        const ssize_t n = ::write(fd_, octets.data(), octets.size());
        if (n >= 0) {
            octets.remove_prefix(static_cast<std::size_t>(n));
            written_ += static_cast<std::uint64_t>(n);
        } else if (errno == EAGAIN) {
            pollfd ready{fd_, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            fail_writing(errno, piece, piece.size() - octets.size());
        }
    }
}

void PartFile::fail_writing(int cause, std::string_view piece, std::size_t accepted) {
    std::string advice;
    if (is_regular_) {
        if (!zstd_ && keep_) boundary_ += keep_(piece, accepted);
        zstd_.reset();  // the frame that it was in is cut off
        written_ = boundary_;
        const auto end = static_cast<off_t>(boundary_);
        if (::ftruncate(fd_, end) == 0 && ::lseek(fd_, end, SEEK_SET) == end)
            advice = "; what was written before is whole";
    }
    throw Error(fmt::format("cannot write to '{}': {}{}", is_regular_ ? part_name_ : name_, errno_text(cause),
                            advice));
}

void PartFile::close(const std::string& name) {
    if (zstd_) {
        write_all(zstd_->end());
        zstd_.reset();
        keep_boundary();
    }
    if (is_regular_ && fd_ >= 0 && ::fsync(fd_) != 0) {
        throw Error(fmt::format("cannot write to '{}': {}", part_name_, errno_text(errno)));
    }
    if (fd_ >= 0 && ::close(std::exchange(fd_, -1)) != 0) {
        throw Error(
            fmt::format("cannot write to '{}': {}", is_regular_ ? part_name_ : name_, errno_text(errno)));
    }
    if (!is_regular_) return;
    if (::rename(part_name_.c_str(), name.c_str()) != 0) {
        throw Error(fmt::format("cannot rename '{}' to '{}': {}", part_name_, name, errno_text(errno)));
    }
    name_ = name;
    sync_directory_of(name);
}

}  // namespace hepcap::capture
