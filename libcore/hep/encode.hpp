// hep::Message into octets, versions 1, 2 and 3: the inverse of Decoder.  Decoding what was encoded
// gives the same message, as far as the version can say it: HEP1 and HEP2 carry SIP, endpoints and
// transport, HEP2 also the time and a 16-bit capture agent ID; HEP3 carries all, some of it in hepcap's own
// chunks.
//
// Chunks go in the order in which SIP servers send them, so that receivers that depend on it work.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "hep/message.hpp"

namespace hepcap::hep {

// Why a message cannot be said in a version of HEP.
enum class Misfit : std::uint8_t {
    too_long,            // HEP3: more than 65535 octets
    too_many_chunks,     // HEP3: more than a receiver accepts
    time_out_of_range,   // before 1970 or beyond 32 bits of seconds
    no_addresses,        // HEP1/HEP2 have no way to leave an address out
    mixed_families,      // HEP1/HEP2: one family for both ends
    no_transport,        // HEP1/HEP2 are known by their IP protocol among other things
    not_sip,             // HEP1/HEP2 carry SIP only, and are known by it
    agent_id_too_large,  // HEP2: more than 16 bits
    count_,
};

std::string_view misfit_name(Misfit misfit);

// Append `message` to `out` and return the number of octets, or leave `out` as it was.
Result<std::size_t, Misfit> encode_v1(const Message& message, std::vector<std::uint8_t>& out);
Result<std::size_t, Misfit> encode_v2(const Message& message, std::vector<std::uint8_t>& out);
Result<std::size_t, Misfit> encode_v3(const Message& message, std::vector<std::uint8_t>& out);

// The same with `compressed`, the payload as Deflater has made it, in chunk 0x0010 in place of the plain
// one; an empty one leaves the payload plain.
Result<std::size_t, Misfit> encode_v3_compressed(const Message& message, Bytes compressed,
                                                 std::vector<std::uint8_t>& out);

}  // namespace hepcap::hep
