// Addresses in text form, and networks of them (CIDR, RFC 4632 and RFC 4291 section 2.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/endpoint.hpp"

namespace hepcap {

// A dotted quad or any text form of an IPv6 address, brackets around the latter allowed; none for
// everything else, names and zone indexes included.
IpAddress parse_ip_address(std::string_view text);

// An address and how many of its leading bits count.
class Network {
public:
    // "10.0.0.0/8", "2001:db8::/32", or an address alone, which is a network of one.  Bits behind the
    // prefix need not be zero: "10.1.2.3/8" is the network 10.1.2.3 lives in, as packet filters read it.
    static std::optional<Network> parse(std::string_view text);

    // Always false for an address of the other family: ::ffff:10.0.0.1 is not in 10.0.0.0/8.
    bool contains(const IpAddress& address) const;

    const IpAddress& address() const { return address_; }
    bool is_single_address() const { return prefix_bits_ == address_.size() * 8; }

private:
    Network(const IpAddress& address, unsigned prefix_bits) : address_(address), prefix_bits_(prefix_bits) {}

    IpAddress address_;
    unsigned prefix_bits_ = 0;
};

}  // namespace hepcap
