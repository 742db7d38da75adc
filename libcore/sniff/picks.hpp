// Records back to the packets they were made of: by `file`, `frame` and `offset`.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "capture/picked_source.hpp"

namespace hepcap::sniff {

// By the name of the file, as the records have it.  16 octets of memory for each packet that is picked.
using Picks = std::map<std::string, std::vector<capture::Pick>>;

// Reads the records of a file, "-" being standard input.  A line that is no record, and a record that names
// no packet of a file (it came from a socket), are an error of the log, and are counted there; `eof` and
// `stats` are passed over.  Throws Error where it cannot be opened or read.
Picks read_picks(const std::string& name, Log& log);

// The picked packets of all files, by time.  `read` are the files of -r: where there are any, the others
// are not opened, and a single one stands for whatever the records call theirs.
std::unique_ptr<capture::Source> open_picks(Picks picks, const std::vector<std::string>& read, Log& log);

}  // namespace hepcap::sniff
