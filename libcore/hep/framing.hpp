// Where a HEP message ends in a stream of octets (TCP, TLS): the total length at offset 4 of HEP3 is the
// only framing there is.  HEP1 and HEP2 have no length and cannot travel in a stream.
//
// A stream in which something else stands is lost: hepcap does not search for the next magic, because
// a captured message may hold one, and what followed it would be anybody's invention.
#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hepcap::hep {

enum class FrameFault : std::uint8_t {
    unknown_magic,     // no HEP at all, or the stream went wrong before
    datagram_version,  // HEP1 or HEP2
    bad_total_length,  // smaller than the header that holds it
    count_,
};

std::string_view frame_fault_name(FrameFault fault);

// The size of the message that `beginning` begins with, or 0 where more octets are needed to tell: six at
// most.  A fault is seen with the first octet that shows it.
Result<std::size_t, FrameFault> frame_size(Bytes beginning);

}  // namespace hepcap::hep
