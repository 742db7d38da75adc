// The line ends of a message, found 64 octets at a time: a bit for each line feed of a block, taken one
// after the other.  Lines are short, so a search anew for each would spend most of its time beginning.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "sip/scan.hpp"

namespace hepcap::sip {

class LineFeeds {
public:
    explicit LineFeeds(std::string_view text)
        : block_(text.data()), end_(text.data() + text.size()), bits_(line_feeds_of_block()) {}

    // The next line feed, or the end of the text.
    const char* next() {
        while (bits_ == 0) {
            if (end_ - block_ <= block_size) return end_;
            block_ += block_size;
            bits_ = line_feeds_of_block();
        }
        const char* const at = block_ + std::countr_zero(bits_);
        bits_ &= bits_ - 1;
        return at;
    }

private:
    static constexpr std::ptrdiff_t block_size = 64;

#if defined(__SSE2__)
    static std::uint64_t line_feeds_of(const char* p) {
        std::uint64_t bits = 0;
        for (int i = 0; i < 4; ++i) {
            bits |= std::uint64_t{stop_bits<'\n'>(load_16(p + 16 * i))} << 16 * i;
        }
        return bits;
    }
#else
    static std::uint64_t line_feeds_of(const char* p) {
        std::uint64_t bits = 0;
        for (int i = 0; i < block_size; ++i) bits |= std::uint64_t{p[i] == '\n'} << i;
        return bits;
    }
#endif

    std::uint64_t line_feeds_of_block() const {
        if (end_ - block_ >= block_size) return line_feeds_of(block_);
        return line_feeds_of_last(block_, static_cast<std::size_t>(end_ - block_));
    }

    // A block that the text ends in.
    [[gnu::noinline]] static std::uint64_t line_feeds_of_last(const char* p, std::size_t size) {
        if (size == 0) return 0;
        char copy[block_size] = {};
        std::memcpy(copy, p, size);
        return line_feeds_of(copy);
    }

    const char* block_;
    const char* end_;
    std::uint64_t bits_;
};

}  // namespace hepcap::sip
