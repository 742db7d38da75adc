// Octets and text are the same memory seen two ways: protocol headers are read as octets, SIP as
// text.  Both are views; neither owns anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace hepcap {

inline constexpr std::string_view hex_digits = "0123456789abcdef";

using Bytes = std::span<const std::uint8_t>;

inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace hepcap
