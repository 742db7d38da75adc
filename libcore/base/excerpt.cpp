#include "base/excerpt.hpp"

namespace hepcap {

std::string excerpt(std::string_view text, std::size_t max) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "'";
    for (const char c : text.substr(0, max)) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= 0x20 && octet < 0x7f) {
            out += c;
        } else {
            out += "\\x";
            out += digits[octet >> 4];
            out += digits[octet & 0xf];
        }
    }
    if (text.size() > max) out += "...";
    return out += '\'';
}

}  // namespace hepcap
