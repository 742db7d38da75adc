#include "base/endpoint.hpp"

#include <arpa/inet.h>

namespace hepcap {

namespace {

char* append_octet(char* out, unsigned value) {
    if (value >= 100) {
        *out++ = static_cast<char>('0' + value / 100);
        value %= 100;
        *out++ = static_cast<char>('0' + value / 10);
    } else if (value >= 10) {
        *out++ = static_cast<char>('0' + value / 10);
    }
    *out++ = static_cast<char>('0' + value % 10);
    return out;
}

constexpr std::array<std::string_view, 7> transport_names{"", "udp", "tcp", "tls", "sctp", "ws", "wss"};

}  // namespace

std::size_t IpAddress::format(char* out) const {
    if (is_v4()) {
        char* p = append_octet(out, data()[0]);
        for (std::size_t i = 1; i < 4; ++i) {
            *p++ = '.';
            p = append_octet(p, data()[i]);
        }
        return static_cast<std::size_t>(p - out);
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
