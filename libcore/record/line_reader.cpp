#include "record/line_reader.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.hpp"

namespace hepcap::record {
namespace {

// A signal that asks to stop may arrive between the question and the wait: no wait is longer than
// this, so that the question is asked again.
constexpr int longest_wait_ms = 500;

// What Linux grants without privileges (fs.pipe-max-size).  A full default pipe of 64 KiB holds some
// forty records: reader and writer would take turns instead of working at the same time.
constexpr int wide_pipe = 1 << 20;

}  // namespace

LineReader::LineReader(int fd, std::string name, BeforeWait before_wait, std::size_t max_line)
    : fd_(fd), name_(std::move(name)), before_wait_(std::move(before_wait)), max_line_(max_line) {
    struct stat info {};
    if (fstat(fd_, &info) == 0) {
        if (S_ISDIR(info.st_mode)) throw Error("cannot read '" + name_ + "': it is a directory");
        can_block_ = !S_ISREG(info.st_mode);
        if (S_ISFIFO(info.st_mode)) (void)fcntl(fd_, F_SETPIPE_SZ, wide_pipe);
    }
    capacity_ = std::min(first_buffer, max_line_ + 1);
    buffer_.reset(new char[capacity_ + slack]);
}

LineReader::LineReader(Read read, std::size_t max_line) : read_(std::move(read)), max_line_(max_line) {
    capacity_ = std::min(first_buffer, max_line_ + 1);
    buffer_.reset(new char[capacity_ + slack]);
}

LineReader::Outcome LineReader::next(std::string_view& line) {
    line = {};
    while (true) {
        const char* const from = buffer_.get() + scanned_;
        const void* const feed = end_ > scanned_ ? std::memchr(from, '\n', end_ - scanned_) : nullptr;
        if (feed != nullptr || (at_end_ && begin_ < end_)) {
            const std::size_t at =
                feed != nullptr ? static_cast<std::size_t>(static_cast<const char*>(feed) - buffer_.get())
                                : end_;
            const std::string_view found(buffer_.get() + begin_, at - begin_);
            begin_ = scanned_ = feed != nullptr ? at + 1 : end_;
            ++line_number_;
            if (std::exchange(skipping_, false)) return Outcome::too_long;
            line = found;
            return Outcome::line;
        }
        scanned_ = end_;
        if (at_end_) {
            if (!std::exchange(skipping_, false)) return Outcome::end;
            ++line_number_;
            return Outcome::too_long;
        }
        if (end_ - begin_ > max_line_) {
            skipping_ = true;
        }
        if (skipping_) begin_ = end_;
        if (!fill()) at_end_ = true;
    }
}

// Makes room behind what is kept, and reads once.
bool LineReader::fill() {
    if (begin_ > 0) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        scanned_ -= begin_;
        begin_ = 0;
    }
    if (end_ == capacity_) {
        const std::size_t larger = std::min(capacity_ * 2, max_line_ + 1);
        std::unique_ptr<char[]> grown(new char[larger + slack]);
        std::memcpy(grown.get(), buffer_.get(), end_);
        buffer_ = std::move(grown);
        capacity_ = larger;
    }
    char* const to = buffer_.get() + end_;
    const std::size_t room = capacity_ - end_;
    const std::size_t got = read_ ? read_(to, room) : read_descriptor(to, room);
    if (beginning_size_ < beginning_.size()) {
        const std::size_t more = std::min(got, beginning_.size() - beginning_size_);
        std::memcpy(beginning_.data() + beginning_size_, to, more);
        beginning_size_ += more;
    }
    end_ += got;
    // The parser looks at what lies behind the line: it must have a value, though no matter which.
    std::memset(buffer_.get() + end_, 0, slack);
    return got > 0;
}

std::size_t LineReader::read_descriptor(char* to, std::size_t size) {
    while (true) {
        if (can_block_ && !wait_for_input()) return 0;
        const ssize_t got = ::read(fd_, to, size);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno == EAGAIN) {
            // Somebody made the descriptor non-blocking; asking again at once would burn a processor.
            pollfd ready{fd_, POLLIN, 0};
            (void)::poll(&ready, 1, longest_wait_ms);
        } else if (errno != EINTR) {
            throw Error("cannot read '" + name_ + "': " + errno_text(errno));
        }
    }
}

// False to stop.  Without `before_wait` read(2) itself waits.
bool LineReader::wait_for_input() {
    if (!before_wait_) return true;
    pollfd ready{fd_, POLLIN, 0};
    int wait_ms = 0;
    while (true) {
        const int count = ::poll(&ready, 1, wait_ms);
        // A signal is a reason to ask again, any other failure one for read(2) to report.
        if (count > 0 || (count < 0 && errno != EINTR)) return true;
        const int limit = before_wait_();
        if (limit == stop) {
            end_ = begin_;  // half a line that was still to come is none
            scanned_ = end_;
            return false;
        }
        wait_ms = limit < 0 ? longest_wait_ms : std::min(limit, longest_wait_ms);
    }
}

}  // namespace hepcap::record
