// Wire data written front to back at the end of somebody's vector: the counterpart of Cursor.
// Integers are big-endian (network order) unless the name says `_le`.
#pragma once

#include <vector>

#include "base/bytes.hpp"

namespace hepcap {

class ByteWriter {
public:
    // Appends to `out`, which outlives the writer; what is there already stays.
    explicit ByteWriter(std::vector<std::uint8_t>& out) : out_(out), start_(out.size()) {}

    // Octets written by this writer.
    std::size_t size() const { return out_.size() - start_; }

    void u8(std::uint8_t v) { out_.push_back(v); }
    void u16(std::uint16_t v) {
        u8(static_cast<std::uint8_t>(v >> 8));
        u8(static_cast<std::uint8_t>(v));
    }
    void u32(std::uint32_t v) {
        u16(static_cast<std::uint16_t>(v >> 16));
        u16(static_cast<std::uint16_t>(v));
    }
    void u16_le(std::uint16_t v) {
        u8(static_cast<std::uint8_t>(v));
        u8(static_cast<std::uint8_t>(v >> 8));
    }
    void u32_le(std::uint32_t v) {
        u16_le(static_cast<std::uint16_t>(v));
        u16_le(static_cast<std::uint16_t>(v >> 16));
    }
    void append(Bytes octets) { out_.insert(out_.end(), octets.begin(), octets.end()); }

    // Overwrites two octets written before, e.g. a length known only at the end.
    void patch_u16(std::size_t offset, std::uint16_t v) {
        out_[start_ + offset] = static_cast<std::uint8_t>(v >> 8);
        out_[start_ + offset + 1] = static_cast<std::uint8_t>(v);
    }

    // Takes back everything that this writer wrote.
    void rollback() { out_.erase(out_.begin() + static_cast<std::ptrdiff_t>(start_), out_.end()); }

private:
    std::vector<std::uint8_t>& out_;
    std::size_t start_;
};

}  // namespace hepcap
