#include "base/excerpt.hpp"

#include "base/bytes.hpp"

namespace hepcap {

std::string excerpt(std::string_view text, std::size_t max) {
    std::string out = "'";
    for (const char c : text.substr(0, max)) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= 0x20 && octet < 0x7f) {
            out += c;
        } else {
            out += "\\x";
            out += hex_digits[octet >> 4];
            out += hex_digits[octet & 0xf];
        }
    }
    if (text.size() > max) out += "...";
    return out += '\'';
}

}  // namespace hepcap
