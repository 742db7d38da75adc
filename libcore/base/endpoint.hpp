// Addresses, ports and transports, as every room speaks of them.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace hepcap {

// An IPv4 or IPv6 address in network order, or none (a HEP message may lack its address chunks).
class IpAddress {
public:
    static constexpr std::size_t max_text = 46;  // INET6_ADDRSTRLEN

    IpAddress() = default;
    static IpAddress v4(const std::uint8_t* octets) {
        IpAddress address;
        std::uint32_t word = 0;
        std::memcpy(&word, octets, sizeof word);
        address.first_ = std::endian::native == std::endian::little ? word : std::uint64_t{word} << 32;
        address.size_ = 4;
        return address;
    }
    static IpAddress v6(const std::uint8_t* octets) {
        IpAddress address;
        std::memcpy(&address.first_, octets, sizeof first_);
        std::memcpy(&address.second_, octets + sizeof first_, sizeof second_);
        address.size_ = 16;
        return address;
    }

    bool is_none() const { return size_ == 0; }
    bool is_v4() const { return size_ == 4; }
    bool is_v6() const { return size_ == 16; }
    const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(this); }
    std::size_t size() const { return size_; }

    // Writes the text form (dotted quad, or RFC 5952) to `out`, which has room for `max_text`
    // characters; returns the length, 0 for none.  No terminating NUL is promised.
    std::size_t format(char* out) const;
    std::string to_text() const;

    friend bool operator==(const IpAddress&, const IpAddress&) = default;

private:
    // Two words in place of 16 octets: the compiler then keeps addresses in registers, where an array
    // goes through memory in pieces of other sizes, which costs ten times as much.
    std::uint64_t first_ = 0;
    std::uint64_t second_ = 0;
    std::uint8_t size_ = 0;
};
static_assert(std::is_standard_layout_v<IpAddress>);  // data() is the address of first_

struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// What carried the SIP message.  The values are Kamailio's numbers, which its capture tables hold
// in the column `proto`.
enum class Transport : std::uint8_t { none = 0, udp = 1, tcp = 2, tls = 3, sctp = 4, ws = 5, wss = 6 };

// "udp", "tcp" …; empty for none.
std::string_view name(Transport transport);

// The reverse of name(); none for anything else.
Transport transport_from_name(std::string_view name);

}  // namespace hepcap
