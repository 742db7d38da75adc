// SQLite as a sink; hepcap's default.  See sqlite.cpp for how it stores.
#pragma once

#include <memory>

#include "sink/sink.hpp"

namespace hepcap::sink {

// `location` is the part of the URL behind "sqlite:": a path, also with two slashes before it as in
// Kamailio's sqlite:///var/lib/calls.db.  The file is made where it is missing and `create` is set.
std::unique_ptr<Sink> open_sqlite(std::string_view location, const SinkOptions& options, Log& log);

}  // namespace hepcap::sink
