#include "capture/byte_stream.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.hpp"
#include "capture/file_format.hpp"

namespace hepcap::capture {

namespace {

constexpr std::size_t min_window = 4096;
constexpr std::size_t max_compressed_input = 64 * 1024;

// A std::function has to be copyable and a file descriptor is not: hence the shared pointer.
ReadFunction read_function(const std::string& name, const StreamOptions& options) {
    auto input = std::make_shared<RawInput>(name, options.before_wait);
    return [input](std::uint8_t* out, std::size_t n) { return input->read(out, n); };
}

}  // namespace

ByteStream::ByteStream(const std::string& name, const StreamOptions& options)
    : ByteStream(read_function(name, options), options.window) {}

ByteStream::ByteStream(ReadFunction read, std::size_t window) : read_(std::move(read)) {
    grow(std::max(window, min_window));
    find_compression();
}

void ByteStream::find_compression() {
    const FileFormat format = recognise(ensure(longest_magic));
    if (format != FileFormat::gzip && format != FileFormat::zstd) return;
    const Bytes head{buffer_.get(), end_};
    const std::size_t input_size = std::min(capacity_ / 2, max_compressed_input);
    decompressor_ = format == FileFormat::gzip ? make_gunzip(head, std::move(read_), input_size)
                                               : make_unzstd(head, std::move(read_), input_size);
    end_ = 0;
    is_at_end_ = false;
}

void ByteStream::grow(std::size_t n) {
    assert(n <= max_window);
    const std::size_t capacity = std::min(std::bit_ceil(n), max_window);
    // Not value-initialised: pages that no octet reaches stay untouched.
    auto buffer = std::make_unique_for_overwrite<std::uint8_t[]>(capacity + slack);
    if (end_ > begin_) std::memcpy(buffer.get(), buffer_.get() + begin_, end_ - begin_);
    base_ += begin_;
    end_ -= begin_;
    begin_ = 0;
    buffer_ = std::move(buffer);
    capacity_ = capacity;
    std::memset(buffer_.get() + end_, 0, slack);
}

void ByteStream::fill(std::size_t n) {
    if (is_at_end_) return;
    if (n > capacity_) {
        grow(n);
    } else if (begin_ > 0) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
        base_ += begin_;
        end_ -= begin_;
        begin_ = 0;
    }
    while (end_ < n) {
        const std::size_t got = read_some(buffer_.get() + end_, capacity_ - end_);
        if (got == 0) {
            is_at_end_ = true;
            break;
        }
        end_ += got;
    }
    std::memset(buffer_.get() + end_, 0, slack);
}

std::size_t ByteStream::read_some(std::uint8_t* out, std::size_t n) {
    if (decompressor_) {
        const std::size_t got = decompressor_->read(out, n);
        if (got == 0) {
            failure_ = decompressor_->failure();
            read_errno_ = decompressor_->read_errno();
        }
        return got;
    }
    const ssize_t got = read_(out, n);
    if (got < 0) {
        failure_ = StreamFailure::read_error;
        read_errno_ = errno;
        return 0;
    }
    return static_cast<std::size_t>(got);
}

bool ByteStream::skip(std::uint64_t n) {
    while (n > 0) {
        const Bytes at_hand = ensure(1);
        if (at_hand.empty()) return false;
        const std::size_t step = static_cast<std::size_t>(std::min<std::uint64_t>(n, at_hand.size()));
        consume(step);
        n -= step;
    }
    return true;
}

std::string ByteStream::failure_sentence() const {
    std::string text{failure_text(failure_)};
    if (failure_ == StreamFailure::read_error) text += " (" + errno_text(read_errno_) + ")";
    return text;
}

}  // namespace hepcap::capture
