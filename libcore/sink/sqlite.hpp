// SQLite as a sink; hepcap's default.  See sqlite.cpp for how it stores.
#pragma once

#include <memory>

#include "sink/sink.hpp"

namespace hepcap::sink {

// `location` is the part of the URL behind "sqlite:": a path, also with two slashes before it as in
// Kamailio's sqlite:///var/lib/calls.db.  The file is made where it is missing and `create` is set.
std::unique_ptr<Backend> open_sqlite(std::string_view location, const SinkOptions& options, Log& log);

// Throws what open_sqlite() would throw, as far as the file system tells.  SQLite itself is not asked: it
// makes files even where it only reads.
void check_sqlite(std::string_view location, const SinkOptions& options);

}  // namespace hepcap::sink
