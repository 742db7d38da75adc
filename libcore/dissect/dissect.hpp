// From a captured packet to one UDP payload with its innermost addresses: link header, VLAN tags and
// other shims, IP (in IP, in IP), UDP.
//
// The plain path (Ethernet, VLAN, IP, UDP) is this room's own code: it runs for every packet and
// allocates nothing.  libtins sees the rare link types whose headers have many forms (802.11).
// Fragments and TCP segments are named as what they are: putting them together needs memory beyond
// the packet, which a function of one packet does not have.
#pragma once

#include "capture/datagram.hpp"
#include "capture/packet.hpp"
#include "dissect/verdict.hpp"

namespace hepcap::dissect {

// Fills `out` with views into `packet`.  With Verdict::datagram all of it holds; with tcp_segment the
// addresses, `encap` and, as payload, the segment from the TCP header on; with any other verdict only
// time and origin.  `out` need not be fresh: reuse it.
//
// A UDP payload that is not there to its end is handed out as far as it goes, with `is_cut`, whether
// the snaplen took the rest or the lengths disagree: mirrored traffic is sometimes odd.
[[nodiscard]] Verdict dissect(const capture::Packet& packet, capture::Datagram& out);

}  // namespace hepcap::dissect
