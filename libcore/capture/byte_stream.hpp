// A bounded window that slides over a file, standard input or a pipe, plain or compressed (gzip with
// any number of members, zstd with any number of frames; told by their first octets).  Positions
// count uncompressed octets.
//
// One buffer, filled by read(2).  It starts at `window` octets and grows only as far as one packet
// needs, never beyond `max_window`.  What `ensure` returns stays in place until the next `ensure` or
// `skip`, and at least `slack` octets behind it may be read (their content means nothing), so that
// wide loads need no end check.
#pragma once

#include <cassert>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "capture/decompress.hpp"
#include "capture/raw_input.hpp"

namespace hepcap::capture {

struct StreamOptions {
    std::size_t window = 256 * 1024;
    std::function<void()> before_wait;  // see RawInput; may be empty
};

class ByteStream {
public:
    static constexpr std::size_t slack = 64;
    static constexpr std::size_t max_window = (std::size_t{16} << 20) + (std::size_t{1} << 20);

    // Throws Error where `name` ("-" is standard input) cannot be opened.
    explicit ByteStream(const std::string& name, const StreamOptions& options = {});
    // Over anything that reads as read(2) does.
    explicit ByteStream(ReadFunction read, std::size_t window = StreamOptions{}.window);

    // All octets at hand from the current position on: at least `n`, or fewer at the end of the
    // stream.  `n` is at most max_window.
    Bytes ensure(std::size_t n) {
        if (end_ - begin_ < n) [[unlikely]]
            fill(n);
        return {buffer_.get() + begin_, end_ - begin_};
    }

    // Steps over `n` octets that `ensure` has shown.
    void consume(std::size_t n) {
        assert(n <= end_ - begin_);
        begin_ += n;
    }

    // Steps over `n` octets, at hand or not; false where the stream ends before.
    bool skip(std::uint64_t n);

    std::uint64_t position() const { return base_ + begin_; }

    // Why the stream ended, once `ensure` has given less than it was asked for.
    StreamFailure failure() const { return failure_; }
    // The same as words, with the system's own word where reading failed.
    std::string failure_sentence() const;

private:
    void find_compression();
    void fill(std::size_t n);
    void grow(std::size_t n);
    std::size_t read_some(std::uint8_t* out, std::size_t n);

    ReadFunction read_;  // empty once a decompressor has it
    std::unique_ptr<Decompressor> decompressor_;
    std::unique_ptr<std::uint8_t[]> buffer_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;  // of what is not consumed yet
    std::size_t end_ = 0;
    std::uint64_t base_ = 0;  // position of buffer_[0]
    bool is_at_end_ = false;
    StreamFailure failure_ = StreamFailure::none;
    int read_errno_ = 0;
};

}  // namespace hepcap::capture
