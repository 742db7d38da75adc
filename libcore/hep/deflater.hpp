// Compression of the payload for chunk 0x0010: a zlib stream (RFC 1950), as captagent sends it; of the
// senders that compress, most receivers that can decompress know this form.  One Deflater owns one zlib
// state and one buffer, both made at the first use and kept.
#pragma once

#include <memory>
#include <vector>

#include "base/bytes.hpp"

namespace hepcap::hep {

class Deflater {
public:
    Deflater();
    ~Deflater();
    Deflater(Deflater&&) noexcept;
    Deflater& operator=(Deflater&&) noexcept;

    // Valid until the next call; empty where the result would be no shorter than the input.
    Bytes deflate(Bytes input);

private:
    struct Stream;
    std::unique_ptr<Stream> stream_;
    std::vector<std::uint8_t> output_;
};

}  // namespace hepcap::hep
