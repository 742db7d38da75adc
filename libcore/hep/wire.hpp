// The numbers and rules that all versions of HEP share: address families, IP protocols, and what a
// time is worth.  Nothing here knows a frame layout.
#pragma once

#include <cstdint>

#include "hep/message.hpp"

namespace hepcap::hep {

// HEP3: magic and total length.
inline constexpr std::size_t hep3_header_size = 6;

// HEP1 and HEP2: the part before the addresses; HEP2: the time block after them, and the same from
// senders that leave out its padding.
inline constexpr std::size_t fixed_header_size = 8;
inline constexpr std::size_t time_block_size = 12;
inline constexpr std::size_t unpadded_time_block_size = 10;

// The address family is the sender's own AF_ number: AF_INET is 2 everywhere, AF_INET6 is 10 on
// Linux, 23 on Windows, 28 on FreeBSD, 30 on macOS.
inline constexpr std::uint8_t family_ipv4 = 2;
inline constexpr std::uint8_t family_ipv6 = 10;

inline bool is_ipv4_family(std::uint8_t family) { return family == family_ipv4; }
inline bool is_ipv6_family(std::uint8_t family) {
    return family == family_ipv6 || family == 23 || family == 28 || family == 30;
}

// IANA protocol numbers, and 22 (XNS-IDP), which SIP servers send for TLS because it is free.
namespace ip_protocol {
inline constexpr std::uint8_t tcp = 6;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t idp = 22;
inline constexpr std::uint8_t sctp = 132;
}  // namespace ip_protocol

// none for any other number.
Transport transport_from_ip_protocol(std::uint8_t protocol);

// HEP cannot say WebSocket: ws travels as TCP and wss as TLS, as from other senders.  0 for none.
std::uint8_t ip_protocol_from_transport(Transport transport);

// Empties `out` and puts in what is known before the first octet is looked at: who carried it.
void start_message(const capture::Datagram& carrier, std::uint8_t version, Message& out);

// Whether a sender's clock can hardly have said so: more than ten years before or a day after the
// carrier's time; before 2000 or after 2060 where the carrier's time is itself beyond that.
bool is_far(std::int64_t second, const capture::Datagram& carrier);

// The time that came with the message.  Zero seconds mean "not known": then the carrier's time
// stands.  Microseconds of a second or more are carried; a time years away from the carrier's is
// kept, because it is what the sender said, and noted, because no table may be made for it unseen.
void take_time(std::uint32_t seconds, std::uint32_t microseconds, const capture::Datagram& carrier,
               Message& out);

}  // namespace hepcap::hep
