// Sniffed traffic as a HEP message: what every capture agent does before it sends, so that records
// have one origin.  The message has version 0 and no peer; its time is the packet's own.
#pragma once

#include "capture/datagram.hpp"
#include "hep/message.hpp"

namespace hepcap::hep {

// `out` points into the datagram's payload and is valid as long as that.
void from_datagram(const capture::Datagram& datagram, Message& out);

}  // namespace hepcap::hep
