#include "base/endpoint.hpp"

#include <arpa/inet.h>

namespace hepcap {

namespace {

// The decimal digits of each octet; four octets are stored, `size` of them count.
struct OctetText {
    std::array<char, 4> digits{};
    std::uint8_t size = 0;
};

constexpr std::array<OctetText, 256> octet_texts = [] {
    std::array<OctetText, 256> texts{};
    for (unsigned value = 0; value < texts.size(); ++value) {
        OctetText& text = texts[value];
        if (value >= 100) text.digits[text.size++] = static_cast<char>('0' + value / 100);
        if (value >= 10) text.digits[text.size++] = static_cast<char>('0' + value / 10 % 10);
        text.digits[text.size++] = static_cast<char>('0' + value % 10);
        text.digits[text.size] = '.';
    }
    return texts;
}();

constexpr std::array<std::string_view, 7> transport_names{"", "udp", "tcp", "tls", "sctp", "ws", "wss"};

}  // namespace

std::size_t IpAddress::format(char* out) const {
    if (is_v4()) {
        char* p = out;
        for (std::size_t i = 0; i < 4; ++i) {
            const OctetText& text = octet_texts[data()[i]];
            std::memcpy(p, text.digits.data(), text.digits.size());
            p += text.size + 1;  // with the dot
        }
        return static_cast<std::size_t>(p - 1 - out);
    }
    // The C library writes RFC 5952: lower case, the longest run of zero groups compressed.
    if (is_v6() && inet_ntop(AF_INET6, data(), out, max_text)) return std::strlen(out);
    return 0;
}

std::string IpAddress::to_text() const {
    char text[max_text];
    return std::string(text, format(text));
}

std::string_view name(Transport transport) { return transport_names[static_cast<std::size_t>(transport)]; }

Transport transport_from_name(std::string_view name) {
    for (std::size_t i = 1; i < transport_names.size(); ++i) {
        if (transport_names[i] == name) return static_cast<Transport>(i);
    }
    return Transport::none;
}

}  // namespace hepcap
