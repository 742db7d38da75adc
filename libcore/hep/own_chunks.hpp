// hepcap's own chunks: what a record says and HEP3 has no chunk for, so that it is the same record after it
// was sent on.  Other receivers skip them: nobody has the vendor ID, and the type IDs lie above all that is
// taken for generic by receivers that do not look at the vendor.
//
//    vendor ID 0x4843, "HC"
//    type ID  value
//    0x4801   how the message came to the one who sends it on: version of HEP, 0 where it was captured on
//             the wire (1 octet); flags (1 octet): 1 it had a protocol type, 2 it had a VLAN ID
//    0x4802   what the decoder of that HEP put up with: "no-family,no-time"
//    0x4803   nanoseconds beside those of the microseconds chunk, 0 to 999 (2 octets)
//    0x4804   the transport that has no IP protocol of its own: "ws", "wss"
//    0x4805   layers that were taken off, outermost first: "vlan:100,ipip"
//    0x4806   duplicates that were dropped (4 octets)
//    0x4807   the end of the payload was not captured (no octets)
//
// They stand only where they say something that the other chunks do not.
#pragma once

#include "base/byte_writer.hpp"
#include "hep/message.hpp"

namespace hepcap::hep {

inline constexpr std::size_t most_own_chunks = 7;

// Takes them out of message.extra and into its members; one that is not as above stays, verbatim.  The rest
// of the message has been decoded; what was wrong with its octets is among the notes of `carried`, too.
void take_own_chunks(Message& message);

// Appends those that the message needs.
void append_own_chunks(const Message& message, ByteWriter& w);

}  // namespace hepcap::hep
