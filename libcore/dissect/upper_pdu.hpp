// LINKTYPE_WIRESHARK_UPPER_PDU: what Wireshark's "Export PDUs" writes.  A payload without network
// headers, whose addresses and ports, as far as they are known, stand before it as tags.
#pragma once

#include "base/bytes.hpp"
#include "capture/datagram.hpp"
#include "dissect/verdict.hpp"

namespace hepcap::dissect {

// Fills endpoints, transport and payload of `out`; what no tag tells is none, or port 0.
Verdict strip_upper_pdu(Bytes packet, capture::Datagram& out);

}  // namespace hepcap::dissect
