#include "base/network.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace hepcap {

IpAddress parse_ip_address(std::string_view text) {
    const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
    if (bracketed) text = text.substr(1, text.size() - 2);
    // inet_pton wants a terminating NUL; an embedded one would hide what follows it.
    char copy[IpAddress::max_text + 1];
    if (text.empty() || text.size() > IpAddress::max_text || text.find('\0') != std::string_view::npos)
        return {};
    text.copy(copy, text.size());
    copy[text.size()] = '\0';

    std::uint8_t octets[16];
    if (text.find(':') != std::string_view::npos) {
        return inet_pton(AF_INET6, copy, octets) == 1 ? IpAddress::v6(octets) : IpAddress{};
    }
    return !bracketed && inet_pton(AF_INET, copy, octets) == 1 ? IpAddress::v4(octets) : IpAddress{};
}

std::optional<Network> Network::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const IpAddress address = parse_ip_address(text.substr(0, slash));
    if (address.is_none()) return std::nullopt;
    const auto all_bits = static_cast<unsigned>(address.size() * 8);
    if (slash == std::string_view::npos) return Network(address, all_bits);

    const std::string_view digits = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > all_bits) return std::nullopt;
    return Network(address, bits);
}

bool Network::contains(const IpAddress& address) const {
    if (address.size() != address_.size()) return false;
    const std::size_t whole = prefix_bits_ / 8;
    if (std::memcmp(address.data(), address_.data(), whole) != 0) return false;
    const unsigned rest = prefix_bits_ % 8;
    if (rest == 0) return true;
    const unsigned mask = 0xffU << (8 - rest) & 0xffU;
    return ((address.data()[whole] ^ address_.data()[whole]) & mask) == 0;
}

}  // namespace hepcap
