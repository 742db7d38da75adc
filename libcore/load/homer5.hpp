// The tables that Homer 5 looks into, as routes: SIP by the method of the request, or by that in CSeq of a
// reply, all by the day of the packet in UTC.
//
// Methods as in Kamailio's example for Homer 5 and in Homer's own configuration.  Both look into Event as
// well, and count a NOTIFY about a transfer among the calls; a record has no Event, so it is with the rest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hepcap::load {

// Table of the SIP messages that belong neither to a call nor to a registration.
inline constexpr std::string_view homer5_rest = "sip_capture_rest_%Y%m%d";

// Routes for --route.  `with_sip`: for calls and registrations; `with_dates`: for RTCP, reports and logs,
// which without it go to the module's tables for all days.
std::vector<std::string> homer5_routes(bool with_sip, bool with_dates);

}  // namespace hepcap::load
