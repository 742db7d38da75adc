// The key `ts` read back: RFC 3339 date-time (section 5.6), as hepcap writes it and as others do, with
// any number of digits and any offset.
#pragma once

#include <optional>
#include <string_view>

#include "base/timestamp.hpp"

namespace hepcap::record {

// Digits beyond nanoseconds are dropped.  A second of 60 (a leap second) counts as the next minute's
// first.  Nothing for any other text.
std::optional<Timestamp> parse_time(std::string_view text);

}  // namespace hepcap::record
