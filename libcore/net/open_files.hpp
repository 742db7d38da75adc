// How many descriptors the process may have at the same time.  Of the two limits (getrlimit(2)) the soft
// one is 1024 nearly everywhere, for the sake of programs that use select(2); a collector of many
// connections may raise it up to the hard one without asking anybody.
#pragma once

#include <cstddef>

namespace hepcap::net {

// Raises the limit to `wanted` descriptors, or as far as it goes; returns how many there may be now.
std::size_t allow_open_files(std::size_t wanted);

}  // namespace hepcap::net
