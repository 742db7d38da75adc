// Checked reading of wire data, front to back.  Each read says whether the octets were there; after
// the first that were not, every further read fails too, so that a parser may read a whole header
// and ask `ok()` once.  Integers are big-endian (network order) unless the name says `_le`.
#pragma once

#include "base/bytes.hpp"

namespace hepcap {

inline std::uint16_t load_u16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] << 8 | p[1]); }
inline std::uint32_t load_u32(const std::uint8_t* p) {
    return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}
inline std::uint16_t load_u16_le(const std::uint8_t* p) {
    return static_cast<std::uint16_t>(p[1] << 8 | p[0]);
}
inline std::uint32_t load_u32_le(const std::uint8_t* p) {
    return std::uint32_t{p[3]} << 24 | std::uint32_t{p[2]} << 16 | std::uint32_t{p[1]} << 8 | p[0];
}

class Cursor {
public:
    explicit Cursor(Bytes data) : rest_(data) {}

    bool ok() const { return ok_; }
    std::size_t remaining() const { return rest_.size(); }
    Bytes rest() const { return rest_; }

    std::uint8_t u8() {
        const std::uint8_t* p = take_or_null(1);
        return p ? *p : std::uint8_t{0};
    }
    std::uint16_t u16() {
        const std::uint8_t* p = take_or_null(2);
        return p ? load_u16(p) : std::uint16_t{0};
    }
    std::uint32_t u32() {
        const std::uint8_t* p = take_or_null(4);
        return p ? load_u32(p) : 0;
    }
    std::uint16_t u16_le() {
        const std::uint8_t* p = take_or_null(2);
        return p ? load_u16_le(p) : std::uint16_t{0};
    }
    std::uint32_t u32_le() {
        const std::uint8_t* p = take_or_null(4);
        return p ? load_u32_le(p) : 0;
    }

    // The next `n` octets, or an empty span (and !ok()) where fewer are left.
    Bytes take(std::size_t n) {
        const std::uint8_t* p = take_or_null(n);
        return p ? Bytes{p, n} : Bytes{};
    }
    void skip(std::size_t n) { take_or_null(n); }

private:
    const std::uint8_t* take_or_null(std::size_t n) {
        if (!ok_ || rest_.size() < n) {
            ok_ = false;
            return nullptr;
        }
        const std::uint8_t* p = rest_.data();
        rest_ = rest_.subspan(n);
        return p;
    }

    Bytes rest_;
    bool ok_ = true;
};

}  // namespace hepcap
