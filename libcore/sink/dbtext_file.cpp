#include "sink/dbtext_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/error.hpp"
#include "base/sync_directory.hpp"

namespace hepcap::sink {
namespace {

constexpr std::size_t most_pending = std::size_t{4} << 20;
constexpr std::size_t piece = std::size_t{256} * 1024;

// A row of 45 columns and a message of 64 KiB, every octet escaped, is far below this.
constexpr std::size_t longest_line = std::size_t{16} << 20;

bool may_heal(int cause) {
    return cause == ENOSPC || cause == EDQUOT || cause == EIO || cause == EROFS || cause == EMFILE ||
           cause == ENFILE || cause == ENOMEM || cause == EFBIG;
}

}  // namespace

DbtextFile::DbtextFile(std::string path, bool create) : path_(std::move(path)) {
    constexpr mode_t mode = 0640;
    // O_NONBLOCK, because a FIFO of that name would wait for a reader.
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    fd_ = ::open(path_.c_str(), flags);
    const bool is_new = fd_ < 0 && errno == ENOENT && create;
    if (is_new) fd_ = ::open(path_.c_str(), flags | O_CREAT, mode);
    if (fd_ < 0) fail("open", errno);
    struct stat status {};
    if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(std::exchange(fd_, -1));
        throw Error(fmt::format("table '{}' is no file; name another with --table", path_));
    }
    inode_ = status.st_ino;
    device_ = status.st_dev;
    if (is_new) sync_directory_of(path_);
}

DbtextFile::~DbtextFile() {
    if (fd_ < 0) return;
    if (written_ > size_) (void)!::ftruncate(fd_, size_);
    ::close(fd_);
}

DbtextFile::Change DbtextFile::change() const {
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0) return Change::gone;
    if (status.st_ino != inode_ || status.st_dev != device_ || status.st_size < size_)
        return Change::replaced;
    return status.st_size > size_ ? Change::grown : Change::none;
}

void DbtextFile::read_on(const TakeLine& take) {
    std::string text;
    std::string read(piece, '\0');
    off_t at = size_;
    while (true) {
        const ssize_t got = ::pread(fd_, read.data(), read.size(), at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("read", errno);
        if (got == 0) break;
        at += got;
        text.append(read, 0, static_cast<std::size_t>(got));
        std::size_t begin = 0;
        for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
            take(std::string_view(text).substr(begin, end - begin), ++lines_);
            begin = end + 1;
        }
        size_ += static_cast<off_t>(begin);
        text.erase(0, begin);
        if (text.size() > longest_line)
            throw Error(
                fmt::format("'{}' is no dbtext table: line {} is longer than 16 MiB; name another with "
                            "--table",
                            path_, lines_ + 1));
    }
    written_ = size_;
}

void DbtextFile::cut_torn_line() {
    struct stat status {};
    if (::fstat(fd_, &status) == 0 && status.st_size > size_ && ::ftruncate(fd_, size_) != 0)
        fail("write", errno);
}

void DbtextFile::append(std::string_view lines) {
    pending_ += lines;
    if (pending_.size() > most_pending) write_out();
}

void DbtextFile::write_out() {
    std::string_view rest = pending_;
    while (!rest.empty()) {
        const ssize_t done = ::pwrite(fd_, rest.data(), rest.size(), written_);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) fail("write", errno);
        written_ += done;
        rest.remove_prefix(static_cast<std::size_t>(done));
    }
    pending_.clear();
}

void DbtextFile::commit() {
    write_out();
    if (written_ == size_) return;
    if (::fsync(fd_) != 0) fail("write", errno);
    size_ = written_;
}

void DbtextFile::fail(const char* what, int cause) const {
    if (may_heal(cause)) {
        throw Error(
            fmt::format("cannot {} table '{}': {}; free some space or mend the file system, then load "
                        "the same input again; nothing is stored twice",
                        what, path_, errno_text(cause)),
            ExitCode::temporary);
    }
    throw Error(fmt::format("cannot {} table '{}': {}; it must be {} for you", what, path_, errno_text(cause),
                            cause == ENOENT ? "there, or made with --create," : "readable and writable"));
}

}  // namespace hepcap::sink
