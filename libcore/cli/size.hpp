// Sizes as people write them: "65536", "64K", "32M", "2G"; the letters count in 1024, as in tcpdump's -B.
#pragma once

#include <cstddef>
#include <string_view>

namespace hepcap::cli {

// Octets; throws Error (usage) naming `option` for what is no size, or more than memory could be.
std::size_t parse_size(std::string_view text, std::string_view option);

}  // namespace hepcap::cli
