#include "base/output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace hepcap {

namespace {

constexpr std::size_t initial_capacity = 256 * 1024;
constexpr std::size_t flush_size = 128 * 1024;
constexpr int pipe_size = 1024 * 1024;

int create_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) throw Error("cannot create '" + path + "': " + errno_text(errno));
    return fd;
}

}  // namespace

Output::Output(int fd, std::string name)
    : fd_(fd),
      owns_fd_(false),
      name_(std::move(name)),
      capacity_(initial_capacity),
      buffer_(std::make_unique_for_overwrite<char[]>(initial_capacity)) {
    // Fails for what is no pipe and where the user's limit is lower: then the size stays as it is.
    fcntl(fd_, F_SETPIPE_SZ, pipe_size);
}

Output::Output(const std::string& path) : Output(create_file(path), "'" + path + "'") { owns_fd_ = true; }

Output::Output(WriteFunction write)
    : fd_(-1),
      owns_fd_(false),
      write_(std::move(write)),
      capacity_(initial_capacity),
      buffer_(std::make_unique_for_overwrite<char[]>(initial_capacity)) {}

Output::~Output() {
    if (owns_fd_) ::close(fd_);
}

void Output::make_room(std::size_t size) {
    if (used_ >= flush_size) flush();
    if (capacity_ - used_ >= size + slack) return;
    flush();
    if (capacity_ >= size + slack) return;
    capacity_ = size + slack;
    buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
}

void Output::append(std::string_view text) {
    if (text.empty()) return;  // its data may be null, which memcpy must not be given
    char* const out = reserve(text.size());
    std::memcpy(out, text.data(), text.size());
    commit(out + text.size());
}

void Output::flush() {
    // Emptied first: what could not be written once must not be tried again by whoever cleans up.
    const std::size_t size = used_;
    used_ = 0;
    if (size == 0) return;
    if (write_) {
        write_({buffer_.get(), size});
    } else {
        write_out({buffer_.get(), size});
    }
}

void Output::write_out(std::string_view octets) {
    const std::string_view whole = octets;
    while (!octets.empty()) {
        const ssize_t written = ::write(fd_, octets.data(), octets.size());
        if (written >= 0) {
            octets.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            pollfd ready{fd_, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            refused_ = whole;
            accepted_ = whole.size() - octets.size();
            throw Error("cannot write to " + name_ + ": " + errno_text(errno));
        }
    }
}

void Output::close() {
    flush();
    if (!owns_fd_) return;
    owns_fd_ = false;
    if (::close(fd_) != 0) throw Error("cannot write to " + name_ + ": " + errno_text(errno));
}

}  // namespace hepcap
