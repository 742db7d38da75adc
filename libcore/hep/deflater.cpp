#include "hep/deflater.hpp"

#include <zlib.h>

#include <limits>
#include <new>

namespace hepcap::hep {

struct Deflater::Stream {
    z_stream z{};

    Stream() {
        if (deflateInit(&z, Z_DEFAULT_COMPRESSION) != Z_OK) throw std::bad_alloc();
    }
    ~Stream() { deflateEnd(&z); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
};

Deflater::Deflater() = default;
Deflater::~Deflater() = default;
Deflater::Deflater(Deflater&&) noexcept = default;
Deflater& Deflater::operator=(Deflater&&) noexcept = default;

Bytes Deflater::deflate(Bytes input) {
    if (input.size() < 2 || input.size() > std::numeric_limits<uInt>::max()) return {};
    if (!stream_) stream_ = std::make_unique<Stream>();
    // Room for one octet less than went in: what does not fit is not worth it.
    const std::size_t room = input.size() - 1;
    if (output_.size() < room) output_.resize(room);

    z_stream& z = stream_->z;
    if (deflateReset(&z) != Z_OK) return {};
    z.next_in = const_cast<Bytef*>(input.data());  // zlib's declaration lacks the const, its code does not
    z.avail_in = static_cast<uInt>(input.size());
    z.next_out = output_.data();
    z.avail_out = static_cast<uInt>(room);
    if (::deflate(&z, Z_FINISH) != Z_STREAM_END) return {};
    return {output_.data(), room - z.avail_out};
}

}  // namespace hepcap::hep
