// A descriptor that is closed when its owner goes: the one RAII wrapper for sockets, pipes and files.
#pragma once

#include <unistd.h>

#include <utility>

namespace hepcap {

class FileDescriptor {
public:
    static constexpr int none = -1;

    FileDescriptor() = default;
    // Takes ownership of `fd`; a negative number is no descriptor.
    explicit FileDescriptor(int fd) : fd_(fd) {}
    ~FileDescriptor() { reset(); }
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        reset(other.release());
        return *this;
    }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

    // Gives the descriptor away without closing it.
    int release() { return std::exchange(fd_, none); }

    // Closes what is held and holds `fd` instead.  close() can report a full disk: whoever writes files
    // calls it himself, on release().
    void reset(int fd = none) {
        const int old = std::exchange(fd_, fd);
        if (old >= 0) ::close(old);
    }

private:
    int fd_ = none;
};

}  // namespace hepcap
