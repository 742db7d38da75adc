#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/cursor.hpp"
#include "hep/decode_versions.hpp"
#include "hep/wire.hpp"

namespace hepcap::hep {

namespace {

bool equals_any_case(std::string_view text, std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
    });
}

// The value of the first Content-Length header field ("l" is its compact form, RFC 3261, 20.14).
std::optional<std::size_t> content_length(std::string_view headers) {
    while (!headers.empty()) {
        const std::size_t line_end = headers.find('\n');
        const std::string_view line = headers.substr(0, line_end);
        headers.remove_prefix(line_end == headers.npos ? headers.size() : line_end + 1);

        const std::size_t colon = line.find(':');
        if (colon == line.npos) continue;
        std::string_view name = line.substr(0, colon);
        while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
        if (!equals_any_case(name, "content-length") && !equals_any_case(name, "l")) continue;

        std::string_view digits = line.substr(colon + 1);
        while (digits.starts_with(' ') || digits.starts_with('\t')) digits.remove_prefix(1);
        std::size_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{}) return std::nullopt;
        return value;
    }
    return std::nullopt;
}

// OpenSIPS sends as many zeros after the payload as its two addresses have room in a union.  They
// are dropped where SIP itself says that it has ended: after the body, or after the headers when
// nothing but zeros follows them.
Bytes without_trailing_zeros(Bytes payload) {
    if (payload.empty() || payload.back() != 0) return payload;
    constexpr std::string_view separator = "\r\n\r\n";
    const std::string_view text = as_text(payload);
    const std::size_t headers_end = text.find(separator);
    if (headers_end == text.npos || !starts_like_sip(payload)) return payload;

    const std::size_t body = headers_end + separator.size();
    const std::size_t length = content_length(text.substr(0, headers_end)).value_or(0);
    if (length > payload.size() - body) return payload;
    const Bytes after = payload.subspan(body + length);
    const auto is_zero = [](std::uint8_t octet) { return octet == 0; };
    const bool only_zeros = std::all_of(after.begin(), after.end(), is_zero);
    return only_zeros ? payload.first(body + length) : payload;
}

// HEP2 has after the addresses:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------------------------------------------------------+
//   |                            seconds                            |
//   +---------------------------------------------------------------+
//   |                         microseconds                          |
//   +-------------------------------+-------------------------------+
//   |       capture agent ID        |   padding, any octets         |
//   +-------------------------------+-------------------------------+
//
// It is the memory image of a C structure, hence the padding, and hence the byte order of the
// sender's machine: little-endian, unless that gives a far time and the other reading does not.
// The carrier's time has to judge, because the wrong reading of every third time is a possible year.
void take_time_block(Bytes block, const capture::Datagram& carrier, Message& out) {
    const std::uint8_t* p = block.data();
    const bool is_big_endian = is_far(load_u32_le(p), carrier) && !is_far(load_u32(p), carrier);
    if (is_big_endian) out.notes.add(Note::big_endian_time);
    const std::uint32_t seconds = is_big_endian ? load_u32(p) : load_u32_le(p);
    const std::uint32_t microseconds = is_big_endian ? load_u32(p + 4) : load_u32_le(p + 4);
    take_time(seconds, microseconds, carrier, out);
    out.capture_agent_id = is_big_endian ? load_u16(p + 8) : load_u16_le(p + 8);
    out.has_capture_agent_id = true;
}

// HEP1 and HEP2 (no document; the layout is that of the senders):
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------+---------------+---------------+---------------+
//   |    version    | header length | address family|  IP protocol  |
//   +---------------+---------------+---------------+---------------+
//   |          source port          |       destination port        |
//   +-------------------------------+-------------------------------+
//   |        source address, 4 or 16 octets by the family  …        |
//   |        destination address  …                                 |
//   +---------------------------------------------------------------+
//
// The caller has seen that all of it is there.
void take_fixed_header(Bytes datagram, bool is_v6, Message& out) {
    const std::uint8_t* p = datagram.data();
    const std::uint8_t header_length = p[1];
    // 16 and 40 count the addresses, 28 and 52 HEP2's time block too.  The octet decides nothing,
    // because some senders leave garbage in it.
    if (header_length != 16 && header_length != 28 && header_length != 40 && header_length != 52) {
        out.notes.add(Note::odd_header_length);
    }
    out.transport = transport_from_ip_protocol(p[3]);
    if (out.transport == Transport::none) out.notes.add(Note::unknown_ip_protocol);
    out.source.port = load_u16(p + 4);
    out.destination.port = load_u16(p + 6);
    const std::uint8_t* addresses = p + fixed_header_size;
    out.source.address = is_v6 ? IpAddress::v6(addresses) : IpAddress::v4(addresses);
    out.destination.address = is_v6 ? IpAddress::v6(addresses + 16) : IpAddress::v4(addresses + 4);
}

// A start line that cannot be another one less its first two letters, as "TIONS sip:…" is.
bool starts_like_known_sip(Bytes payload) {
    constexpr std::array<std::string_view, 15> beginnings{
        "SIP/2.0 ", "INVITE ", "ACK ",   "BYE ",    "CANCEL ",  "REGISTER ",  "OPTIONS ", "INFO ",
        "PRACK ",   "UPDATE ", "REFER ", "NOTIFY ", "MESSAGE ", "SUBSCRIBE ", "PUBLISH ",
    };
    const std::string_view text = as_text(payload);
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [text](std::string_view beginning) { return text.starts_with(beginning); });
}

// Where the payload of a HEP2 datagram starts: after the padding, unless SIP is found only without.
std::size_t payload_offset(Bytes datagram, std::size_t addresses_end, Message& out) {
    const std::size_t padded = addresses_end + time_block_size;
    const std::size_t unpadded = addresses_end + unpadded_time_block_size;
    const Bytes after_padding = datagram.size() >= padded ? datagram.subspan(padded) : Bytes{};
    if (starts_like_known_sip(after_padding)) return padded;
    const Bytes after_time = datagram.subspan(unpadded);
    if (!starts_like_known_sip(after_time)) {
        if (starts_like_sip(after_padding) || !starts_like_sip(after_time)) return padded;
    }
    out.notes.add(Note::no_padding);
    return unpadded;
}

}  // namespace

Outcome decode_v1v2(Bytes datagram, const capture::Datagram& carrier, Message& out) {
    const Refusal too_short = unless_cut(Refusal::short_fixed_header, carrier);
    const bool is_v2 = datagram[0] == 2;
    start_message(carrier, datagram[0], out);
    if (datagram.size() < fixed_header_size) return Outcome::refused(too_short);

    const bool is_v6 = is_ipv6_family(datagram[2]);
    if (!is_v6 && !is_ipv4_family(datagram[2])) return Outcome::refused(Refusal::unsupported_family);
    const std::size_t addresses_end = fixed_header_size + (is_v6 ? 32 : 8);
    const std::size_t shortest = addresses_end + (is_v2 ? unpadded_time_block_size : 0);
    if (datagram.size() < shortest) return Outcome::refused(too_short);

    take_fixed_header(datagram, is_v6, out);
    std::size_t payload = addresses_end;
    if (is_v2) {
        take_time_block(datagram.subspan(addresses_end), carrier, out);
        payload = payload_offset(datagram, addresses_end, out);
        if (datagram.size() < payload) return Outcome::refused(too_short);
    }
    if (datagram.size() == payload) return Outcome::refused(unless_cut(Refusal::missing_payload, carrier));

    const Bytes rest = datagram.subspan(payload);
    out.payload = without_trailing_zeros(rest);
    if (out.payload.size() < rest.size()) out.notes.add(Note::trailing_bytes);
    out.is_cut = carrier.is_cut;
    return Outcome::accepted(datagram.size());
}

}  // namespace hepcap::hep
