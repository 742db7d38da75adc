// The files under sql/, compiled into the program: a loader needs no data files beside it.
#pragma once

#include <string_view>

namespace hepcap::sink {

// Content of the file `path` below sql/, e.g. "sqlite/sip_capture.sql"; empty for an unknown one.
std::string_view embedded_sql(std::string_view path);

}  // namespace hepcap::sink
