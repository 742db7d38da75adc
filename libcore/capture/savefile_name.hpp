// Names of rotated files: times filled in, numbers put in, and the reverse: whether a file that lies
// there is one that a name makes.  UTC throughout, as everything in hepcap.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/timestamp.hpp"

namespace hepcap::capture {

// Fills in the codes of strftime(3).  Throws Error (usage) where the result is empty or too long.
std::string dated_name(const std::string& pattern, Timestamp time);

// "trace.pcap.zst" and 7 become "trace-7.pcap.zst", so that what looks for "*.pcap.zst" still finds it;
// `width` is the least number of digits.
std::string numbered_name(const std::string& name, std::uint64_t number, unsigned width = 1);

bool is_zstd_name(std::string_view name);
bool is_pcapng_name(std::string_view name);

// The directory of a path ("." where it names none), and what is behind it.
std::string directory_of(const std::string& path);
std::string base_of(const std::string& path);

// Whether `base` is a name that dated_name() and numbered_name() can make of the base of a pattern.
// What must be digits is required to be: somebody else's file is not taken for one's own.
bool is_made_by(std::string_view pattern_base, std::string_view base);

}  // namespace hepcap::capture
