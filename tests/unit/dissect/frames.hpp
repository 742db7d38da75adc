// Packets made layer by layer for the tests of this room.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/packet.hpp"

namespace hepcap::dissect::test {

using Octets = std::vector<std::uint8_t>;

inline Octets operator+(Octets a, const Octets& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline Octets octets(std::string_view text) { return {text.begin(), text.end()}; }
inline Octets u16(std::size_t value) {
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}
inline Octets u32(std::uint32_t value) { return u16(value >> 16) + u16(value & 0xffff); }

// A part of `all` that is a copy of its own, so that a sanitizer sees a read beyond its end.
inline Octets first(const Octets& all, std::size_t size) {
    return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)};
}

inline Octets udp(const Octets& payload) {
    return u16(5060) + u16(5062) + u16(payload.size() + 8) + u16(0) + payload;
}

// 192.0.2.1 to 192.0.2.2.
inline Octets ipv4(std::uint8_t protocol, const Octets& payload, std::size_t fragment = 0,
                   const Octets& options = {}) {
    const auto header_words = static_cast<std::uint8_t>(5 + options.size() / 4);
    return Octets{static_cast<std::uint8_t>(0x40 | header_words), 0} +
           u16(header_words * std::size_t{4} + payload.size()) + u16(1) + u16(fragment) +
           Octets{64, protocol} + u16(0) + u32(0xc0000201) + u32(0xc0000202) + options + payload;
}

// 2001:db8::1 to 2001:db8::2.
inline Octets ipv6(std::uint8_t next_header, const Octets& payload) {
    const Octets network = u32(0x20010db8) + u32(0) + u32(0);
    return u32(0x60000000) + u16(payload.size()) + Octets{next_header, 64} + network + u32(1) + network +
           u32(2) + payload;
}

inline Octets ethernet(std::size_t type, const Octets& payload) {
    return Octets(12, 2) + u16(type) + payload;
}

inline capture::Packet packet_of(const Octets& data, std::uint32_t link_type = 1) {
    capture::Packet packet;
    packet.time.ns = 1'000'000'007;
    packet.link_type = link_type;
    packet.data = data;
    packet.original_length = static_cast<std::uint32_t>(data.size());
    packet.origin.frame = 3;
    return packet;
}

}  // namespace hepcap::dissect::test
