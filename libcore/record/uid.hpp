// The identity of a captured message: the same packet read again, from whatever file, has the same.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/timestamp.hpp"

namespace hepcap::record {

// XXH3, 64 bits, of the payload, seeded with the hash of 48 octets:
//
//    0      8                24               40     42     44     48
//   +------+----------------+----------------+------+------+------+
//   | time | source address | dest. address  | sport| dport| zero |
//   +------+----------------+----------------+------+------+------+
//
// The time counts microseconds since 1970, since that is all that HEP can carry; numbers are
// little-endian, an IPv4 address fills the first four octets of its sixteen.
std::uint64_t make_uid(Timestamp time, const Endpoint& source, const Endpoint& destination, Bytes payload);

// The sixteen hex digits that stand in records and tables.
using UidText = std::array<char, 16>;
UidText uid_text(std::uint64_t uid);

}  // namespace hepcap::record
