// What an agent sends: records, or a capture to be made into records first.  Which of them an input is, its
// first octets tell; they are looked at once and handed out again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "capture/raw_input.hpp"

namespace hepcap::agent {

class Input {
public:
    // Opens `name`, "-" being standard input.  Throws Error where that fails, or it is neither.
    // `before_wait` is called each time before a read that would have to wait for a writer, with the
    // descriptor; it comes back when there is something to read.
    Input(std::string name, std::function<void(int fd)> before_wait);
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    const std::string& name() const { return name_; }
    bool is_capture() const { return is_capture_; }

    // As read(2).
    ssize_t read(std::uint8_t* out, std::size_t n);

private:
    void look_at_beginning();

    std::string name_;
    capture::RawInput raw_;
    std::vector<std::uint8_t> beginning_;
    std::size_t handed_out_ = 0;  // of the beginning
    bool is_capture_ = false;
};

}  // namespace hepcap::agent
