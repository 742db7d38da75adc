// --version: made to be pasted into a report.
#pragma once

#include <string>

namespace hepcap::cli {

// Name and version, then libraries, one a line.
std::string version_text(const std::string& program);

}  // namespace hepcap::cli
