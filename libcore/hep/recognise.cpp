#include "hep/recognise.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "hep/inflate.hpp"
#include "hep/wire.hpp"

namespace hepcap::hep {

namespace {

constexpr std::array<bool, 256> make_token_table() {
    std::array<bool, 256> table{};
    for (const char c :
         std::string_view{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"}) {
        table[static_cast<std::uint8_t>(c)] = true;
    }
    return table;
}
constexpr std::array<bool, 256> is_token = make_token_table();  // RFC 3261, 25.1

bool starts_with_any_case(std::string_view text, std::string_view lower) {
    if (text.size() < lower.size()) return false;
    for (std::size_t i = 0; i < lower.size(); ++i) {
        const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] | 0x20) : text[i];
        if (c != lower[i]) return false;
    }
    return true;
}

bool has_sip_scheme(std::string_view uri) {
    return starts_with_any_case(uri, "sip:") || starts_with_any_case(uri, "sips:") ||
           starts_with_any_case(uri, "tel:");
}

// HEP1 and HEP2 begin alike:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------+---------------+---------------+---------------+
//   |    version    | header length | address family|  IP protocol  |
//   +---------------+---------------+---------------+---------------+
bool looks_like_v1v2(Bytes octets) {
    if (octets.size() < 4) return false;
    const bool is_v2 = octets[0] == 2;
    const bool is_v6 = is_ipv6_family(octets[2]);
    if (!is_v6 && !is_ipv4_family(octets[2])) return false;
    if (transport_from_ip_protocol(octets[3]) == Transport::none) return false;

    const std::size_t addresses_end = fixed_header_size + (is_v6 ? 32 : 8);
    const std::size_t header_end = addresses_end + (is_v2 ? time_block_size : 0);
    if (octets.size() <= header_end) {
        // Some senders of HEP2 count the time block, others do not.
        return octets[1] == addresses_end || octets[1] == header_end;
    }
    if (starts_like_sip(octets.subspan(header_end))) return true;
    return is_v2 && starts_like_sip(octets.subspan(addresses_end + unpadded_time_block_size));
}

bool is_address_text(std::string_view text) {
    return text.find_first_not_of("0123456789abcdefABCDEF.:") == text.npos &&
           text.find_first_of(".:") != text.npos;
}

// One length-delimited protobuf field of that tag holding an address as text; what follows it is
// left in `octets`.
bool take_address_field(Bytes& octets, std::uint8_t tag) {
    constexpr std::size_t shortest = 2;  // "::"
    constexpr std::size_t longest = 45;  // an IPv6 address with an IPv4 tail
    if (octets.size() < 2 || octets[0] != tag) return false;
    const std::size_t length = octets[1];
    if (length < shortest || length > longest || octets.size() - 2 < length) return false;
    if (!is_address_text(as_text(octets.subspan(2, length)))) return false;
    octets = octets.subspan(2 + length);
    return true;
}

}  // namespace

bool starts_with_magic(Bytes octets) {
    if (octets.size() < 4) return false;
    const std::string_view magic = as_text(octets.first(4));
    return magic == "HEP3" || magic == "EEP3" || magic == "EEP1";
}

bool is_gzip(Bytes octets) {
    return octets.size() >= 3 && octets[0] == 0x1f && octets[1] == 0x8b && octets[2] == 8;
}

bool looks_like_hep(Bytes payload) {
    if (payload.empty()) return false;
    switch (payload[0]) {
        case 'H':
        case 'E': return starts_with_magic(payload);
        case 1:
        case 2: return looks_like_v1v2(payload);
        case 8: return is_heplify_protobuf(payload);
        case 0x1f: {
            if (!is_gzip(payload)) return false;
            // Log shippers send gzip over UDP too: only a look inside tells.
            std::array<std::uint8_t, 4> inside{};
            return inflate_beginning(payload, inside) == inside.size() && starts_with_magic(inside);
        }
        default: return false;
    }
}

bool starts_like_sip(Bytes payload) {
    constexpr std::size_t longest_method = 32;
    constexpr std::size_t longest_start_line = 4096;

    std::string_view text = as_text(payload);
    while (!text.empty() && (text.front() == '\r' || text.front() == '\n')) text.remove_prefix(1);
    if (text.starts_with("SIP/2.0")) return true;

    std::size_t method_end = 0;
    const std::size_t last = std::min(text.size(), longest_method + 1);
    while (method_end < last && is_token[static_cast<std::uint8_t>(text[method_end])]) ++method_end;
    if (method_end == 0 || method_end == last || text[method_end] != ' ') return false;
    if (has_sip_scheme(text.substr(method_end + 1))) return true;
    text = text.substr(0, longest_start_line);
    return text.substr(0, text.find_first_of("\r\n")).ends_with(" SIP/2.0");
}

bool is_heplify_protobuf(Bytes octets) {
    // Field 1, the IP family: 2 or 10.  Field 2, the IP protocol: a varint of one or two octets.
    if (octets.size() < 4 || octets[0] != 0x08 || (octets[1] != 2 && octets[1] != 10) || octets[2] != 0x10)
        return false;
    const std::size_t protocol_size = (octets[3] & 0x80) != 0 ? 2 : 1;
    if (octets.size() < 3 + protocol_size) return false;
    Bytes rest = octets.subspan(3 + protocol_size);
    // Fields 3 and 4, the addresses.
    return take_address_field(rest, 0x1a) && take_address_field(rest, 0x22);
}

}  // namespace hepcap::hep
