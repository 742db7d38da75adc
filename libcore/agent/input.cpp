#include "agent/input.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"
#include "capture/file_format.hpp"

namespace hepcap::agent {

namespace {

// JSON, or nothing at all; a byte order mark and white space may stand before it.
bool looks_like_records(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    const std::size_t at = text.find_first_not_of(" \t\r\n");
    return at == text.npos || text[at] == '{';
}

}  // namespace

Input::Input(std::string name, std::function<void(int fd)> before_wait)
    : name_(std::move(name)), raw_(name_, [this, wait = std::move(before_wait)] { wait(raw_.fd()); }) {
    look_at_beginning();
}

void Input::look_at_beginning() {
    constexpr std::size_t piece = 4096;
    beginning_.resize(piece);
    std::size_t size = 0;
    while (size < capture::longest_magic) {
        const ssize_t got = raw_.read(beginning_.data() + size, piece - size);
        if (got < 0) {
            throw Error(fmt::format("cannot read {}: {}", capture::quoted_input(name_), errno_text(errno)));
        }
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    beginning_.resize(size);
    is_capture_ = !looks_like_records(as_text(beginning_));
    if (is_capture_ && capture::recognise(beginning_) == capture::FileFormat::unknown) {
        throw Error(fmt::format("{} is neither a capture nor records, which begin with '{{'",
                                capture::quoted_input(name_)));
    }
}

ssize_t Input::read(std::uint8_t* out, std::size_t n) {
    if (handed_out_ == beginning_.size()) return raw_.read(out, n);
    const std::size_t size = std::min(n, beginning_.size() - handed_out_);
    std::memcpy(out, beginning_.data() + handed_out_, size);
    handed_out_ += size;
    return static_cast<ssize_t>(size);
}

}  // namespace hepcap::agent
