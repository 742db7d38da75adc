// The parameters of header fields: name=value pairs behind semicolons (generic-param, RFC 3261 25.1).
#pragma once

#include <string_view>

namespace hepcap::sip {

// The value of the parameter `name` (a token, in any case) in "a=b;c;d=\"e\"", quotes taken off; empty if
// absent.
std::string_view find_parameter(std::string_view parameters, std::string_view name);

// The branch parameter of the first value of a Via header line; empty if absent.
std::string_view find_first_via_branch(std::string_view via);

}  // namespace hepcap::sip
