// Octets from a file, standard input or a pipe, as read(2) gives them.  The file is not mapped:
// mapped pages count as memory of the process, and a mapped file that shrinks kills its reader.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace hepcap::capture {

// Gives 1..n octets, 0 at the end, or -1 with errno set, as read(2) does.
using ReadFunction = std::function<ssize_t(std::uint8_t* out, std::size_t n)>;

// "'x.pcap'", or "standard input" for "-": how sentences name an input.
std::string quoted_input(const std::string& name);

class RawInput {
public:
    // Opens `name` ("-" is standard input).  Throws Error where that fails or `name` is a directory.
    // `before_wait`, which may be empty, is called each time before a read that would have to wait
    // for a writer: whoever holds back output flushes it there.
    RawInput(const std::string& name, std::function<void()> before_wait);
    ~RawInput();
    RawInput(RawInput&& other) noexcept;
    RawInput(const RawInput&) = delete;
    RawInput& operator=(const RawInput&) = delete;
    RawInput& operator=(RawInput&&) = delete;

    ssize_t read(std::uint8_t* out, std::size_t n);

    // For those who wait for it beside other things.
    int fd() const { return fd_; }

private:
    int fd_ = -1;
    bool is_owner_ = false;
    bool may_wait_ = false;
    std::function<void()> before_wait_;
};

}  // namespace hepcap::capture
