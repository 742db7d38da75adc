// Capture files made octet by octet for the tests of this room, a way to read them from memory in
// pieces of any size, and a log that remembers.
#pragma once

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "capture/file_source.hpp"

namespace hepcap::capture::test {

using Octets = std::vector<std::uint8_t>;

struct MemoryLog final : Log {
    void warn(std::string_view sentence) override { warnings.emplace_back(sentence); }
    void error(std::string_view sentence) override { errors.emplace_back(sentence); }
    std::vector<std::string> warnings;
    std::vector<std::string> errors;
};

// Appends integers in one byte order, as one file has them.
class Writer {
public:
    explicit Writer(bool is_big_endian = false) : is_big_endian_(is_big_endian) {}

    Writer& u16(std::uint32_t value) { return integer(value, 2); }
    Writer& u32(std::uint32_t value) { return integer(value, 4); }
    Writer& u64(std::uint64_t value) {
        const auto high = static_cast<std::uint32_t>(value >> 32);
        const auto low = static_cast<std::uint32_t>(value);
        return is_big_endian_ ? u32(high).u32(low) : u32(low).u32(high);
    }
    Writer& text(std::string_view value) {
        octets.insert(octets.end(), value.begin(), value.end());
        return *this;
    }
    Writer& zeros(std::size_t n) {
        octets.insert(octets.end(), n, 0);
        return *this;
    }
    Writer& append(const Octets& more) {
        octets.insert(octets.end(), more.begin(), more.end());
        return *this;
    }

    Octets octets;

private:
    Writer& integer(std::uint32_t value, unsigned size) {
        for (unsigned i = 0; i < size; ++i) {
            const unsigned shift = 8 * (is_big_endian_ ? size - 1 - i : i);
            octets.push_back(static_cast<std::uint8_t>(value >> shift));
        }
        return *this;
    }

    bool is_big_endian_;
};

inline void pcap_header(Writer& out, std::uint32_t magic = 0xa1b2c3d4, std::uint32_t link_type = 1,
                        std::uint32_t snaplen = 65535) {
    out.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(snaplen).u32(link_type);
}

inline void pcap_record(Writer& out, std::uint32_t seconds, std::uint32_t fraction, std::string_view data) {
    const auto length = static_cast<std::uint32_t>(data.size());
    out.u32(seconds).u32(fraction).u32(length).u32(length).text(data);
}

// One block of pcapng around `body`, padded to four octets.
inline void block(Writer& out, std::uint32_t type, const Octets& body) {
    const std::size_t padding = (4 - body.size() % 4) % 4;
    const auto length = static_cast<std::uint32_t>(12 + body.size() + padding);
    out.u32(type).u32(length).append(body).zeros(padding).u32(length);
}

inline void section(Writer& out, bool is_big_endian, std::uint32_t minor = 0) {
    Writer body(is_big_endian);
    body.u32(0x1a2b3c4d).u16(1).u16(minor).u64(~std::uint64_t{0});
    block(out, 0x0a0d0d0a, body.octets);
}

inline void interface(Writer& out, bool is_big_endian, std::uint32_t link_type, const Octets& options = {},
                      std::uint32_t snaplen = 0) {
    Writer body(is_big_endian);
    body.u16(link_type).u16(0).u32(snaplen).append(options);
    block(out, 1, body.octets);
}

inline void enhanced_packet(Writer& out, bool is_big_endian, std::uint32_t interface_id, std::uint64_t ticks,
                            std::string_view data) {
    const auto length = static_cast<std::uint32_t>(data.size());
    Writer body(is_big_endian);
    body.u32(interface_id)
        .u32(static_cast<std::uint32_t>(ticks >> 32))
        .u32(static_cast<std::uint32_t>(ticks));
    body.u32(length).u32(length).text(data);
    block(out, 6, body.octets);
}

// Reads `octets` in pieces of at most `piece`; fails with EIO at the end if asked to.
inline ReadFunction reading(Octets octets, std::size_t piece = 1 << 20, bool fails_at_end = false) {
    struct State {
        Octets octets;
        std::size_t at = 0;
    };
    auto state = std::make_shared<State>(State{std::move(octets), 0});
    return [=](std::uint8_t* out, std::size_t n) -> ssize_t {
        n = std::min({n, piece, state->octets.size() - state->at});
        if (n == 0 && fails_at_end) {
            errno = EIO;
            return -1;
        }
        std::copy_n(state->octets.begin() + static_cast<std::ptrdiff_t>(state->at), n, out);
        state->at += n;
        return static_cast<ssize_t>(n);
    };
}

// What a test asks of a packet, as values that outlive it.
struct Seen {
    std::int64_t ns = 0;
    std::uint32_t link_type = 0;
    std::uint64_t frame = 0;
    std::uint64_t offset = 0;
    std::string data;

    friend bool operator==(const Seen&, const Seen&) = default;
};

inline std::vector<Seen> read_all(Source& source) {
    std::vector<Seen> all;
    Packet packet;
    while (source.next(packet)) {
        all.push_back({packet.time.ns, packet.link_type, packet.origin.frame, packet.origin.offset,
                       std::string(as_text(packet.data))});
    }
    return all;
}

inline Octets gzip(const Octets& plain) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    Octets out(deflateBound(&stream, plain.size()) + 64);
    Octets in = plain;
    stream.next_in = in.data();
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

inline Octets zstd(const Octets& plain) {
    Octets out(ZSTD_compressBound(plain.size()));
    out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
    return out;
}

inline Octets without_last(const Octets& octets, std::ptrdiff_t n) {
    return {octets.begin(), octets.end() - n};
}

inline Octets operator+(Octets a, const Octets& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

}  // namespace hepcap::capture::test
