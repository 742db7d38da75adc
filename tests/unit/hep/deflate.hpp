// What a compressing sender does, for the tests: zlib's three containers.
#pragma once

#include <zlib.h>

#include <stdexcept>

#include "hep/frames.hpp"

namespace hepcap::hep::test {

inline Octets deflate(const Octets& plain, Compression compression) {
    const int window_bits = compression == Compression::gzip   ? 31
                            : compression == Compression::zlib ? 15
                                                               : -15;
    z_stream z{};
    if (deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("deflateInit2");
    }
    Octets input = plain;
    Octets out(deflateBound(&z, static_cast<uLong>(plain.size())) + 32);
    z.next_in = input.data();
    z.avail_in = static_cast<uInt>(input.size());
    z.next_out = out.data();
    z.avail_out = static_cast<uInt>(out.size());
    const int status = ::deflate(&z, Z_FINISH);
    const std::size_t size = z.total_out;
    deflateEnd(&z);
    if (status != Z_STREAM_END) throw std::runtime_error("deflate");
    return first(out, size);
}

}  // namespace hepcap::hep::test
