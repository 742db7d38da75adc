// Names of inputs: patterns that no shell has expanded (from a crontab, in quotes, in the configuration)
// become the files they match.
#pragma once

#include <string>
#include <vector>

namespace hepcap::load {

// Each name that is a pattern of glob(7) and no file itself gives the files that match, sorted by name; all
// others stay as they are.  A pattern that nothing matches gives nothing: a spool may be empty.  Throws
// Error where the directory that is to be searched is not there or cannot be read.
std::vector<std::string> expand_inputs(const std::vector<std::string>& names);

}  // namespace hepcap::load
