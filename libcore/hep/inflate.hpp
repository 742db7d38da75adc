// Decompression of what HEP carries compressed: the payload in chunk 0x0010, and whole messages of
// agents that gzip everything.  One Inflater owns one zlib state and one buffer, both made at the
// first use and kept; what it returns is a view into that buffer, valid until the next call.
//
// A sender may claim any size, so nothing it says is believed: the output ends at 1 MiB, and above
// 64 KiB at 100 times the input, which no captured message compresses to.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hepcap::hep {

enum class Compression : std::uint8_t { gzip, zlib, raw_deflate };

enum class InflateFailure : std::uint8_t {
    corrupt,    // no such stream, or it does not end exactly where the input ends
    too_large,  // more output than the caps allow
};

class Inflater {
public:
    static constexpr std::size_t max_output = std::size_t{1} << 20;
    static constexpr std::size_t free_output = std::size_t{64} << 10;  // not subject to the ratio
    static constexpr std::size_t max_ratio = 100;

    Inflater();
    ~Inflater();
    Inflater(Inflater&&) noexcept;
    Inflater& operator=(Inflater&&) noexcept;

    Result<Bytes, InflateFailure> inflate(Bytes input, Compression compression);

private:
    struct Stream;
    std::unique_ptr<Stream> stream_;
    std::vector<std::uint8_t> output_;
};

// The first octets of a gzip stream, as many as `output` has room for and the first 512 octets of
// the input give; returns how many.  Keeps nothing.
std::size_t inflate_beginning(Bytes input, std::span<std::uint8_t> output);

}  // namespace hepcap::hep
