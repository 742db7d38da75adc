// The first line of a SIP message: what tells that octets are SIP, and what a request asks or a reply
// says (RFC 3261 7.1, 7.2).
#pragma once

#include <string_view>

#include "sip/message.hpp"

namespace hepcap::sip {

// Whether the octets are a SIP message by their start line: "METHOD URI SIP/x.y" or "SIP/x.y code",
// after any line ends.  Ports do not matter.
bool is_sip(std::string_view payload);

// Without the line ends that may stand before it (RFC 3261 7.5).
std::string_view skip_line_ends(std::string_view text);

// Reads the start line, given without its line end, of a payload for which is_sip() holds into `m`.
void parse_start_line(std::string_view line, Message& m);

}  // namespace hepcap::sip
