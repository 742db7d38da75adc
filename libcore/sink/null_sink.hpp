// A sink that keeps nothing: what a load costs without its database, and a load tried out.
#pragma once

#include <memory>

#include "sink/sink.hpp"

namespace hepcap::sink {

// "null:".  Counts every record that the schema would store as inserted.
std::unique_ptr<Backend> open_null(std::string_view location, const SinkOptions& options, Log& log);

}  // namespace hepcap::sink
