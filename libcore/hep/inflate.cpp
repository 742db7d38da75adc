#include "hep/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace hepcap::hep {

namespace {

int window_bits(Compression compression) {
    switch (compression) {
        case Compression::gzip: return 15 + 16;
        case Compression::zlib: return 15;
        case Compression::raw_deflate: return -15;
    }
    return 15;
}

}  // namespace

struct Inflater::Stream {
    z_stream z{};

    Stream() {
        if (inflateInit(&z) != Z_OK) throw std::bad_alloc();
    }
    ~Stream() { inflateEnd(&z); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
};

Inflater::Inflater() = default;
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

Result<Bytes, InflateFailure> Inflater::inflate(Bytes input, Compression compression) {
    if (input.size() > max_output) return Unexpected{InflateFailure::too_large};
    if (!stream_) stream_ = std::make_unique<Stream>();
    if (output_.empty()) output_.resize(free_output);
    const std::size_t cap = std::clamp(input.size() * max_ratio, free_output, max_output);

    z_stream& z = stream_->z;
    if (inflateReset2(&z, window_bits(compression)) != Z_OK) return Unexpected{InflateFailure::corrupt};
    z.next_in = const_cast<Bytef*>(input.data());  // zlib's declaration lacks the const, its code does not
    z.avail_in = static_cast<uInt>(input.size());

    std::size_t size = 0;
    for (;;) {
        const std::size_t room = std::min(output_.size(), cap) - size;
        z.next_out = output_.data() + size;
        z.avail_out = static_cast<uInt>(room);
        const int status = ::inflate(&z, Z_NO_FLUSH);
        size += room - z.avail_out;
        if (status == Z_STREAM_END) break;
        // Room left over means that the input ended first.
        if (status != Z_OK && status != Z_BUF_ERROR) return Unexpected{InflateFailure::corrupt};
        if (z.avail_out != 0) return Unexpected{InflateFailure::corrupt};
        if (size == cap) return Unexpected{InflateFailure::too_large};
        output_.resize(std::min(output_.size() * 2, max_output));
    }
    if (z.avail_in != 0) return Unexpected{InflateFailure::corrupt};
    return Bytes{output_.data(), size};
}

std::size_t inflate_beginning(Bytes input, std::span<std::uint8_t> output) {
    constexpr std::size_t enough = 512;  // a gzip header with a name, and one table of codes
    z_stream z{};
    if (inflateInit2(&z, window_bits(Compression::gzip)) != Z_OK) return 0;
    z.next_in = const_cast<Bytef*>(input.data());
    z.avail_in = static_cast<uInt>(std::min(input.size(), enough));
    z.next_out = output.data();
    z.avail_out = static_cast<uInt>(output.size());
    ::inflate(&z, Z_SYNC_FLUSH);
    const std::size_t size = output.size() - z.avail_out;
    inflateEnd(&z);
    return size;
}

}  // namespace hepcap::hep
