// Databases behind ODBC (unixODBC's driver manager) as a sink.  See odbc.cpp for how rows are stored.
#pragma once

#include <memory>

#include "sink/sink.hpp"

namespace hepcap::sink {

// `location` is the part of the URL behind "odbc:" or "unixodbc:", see odbc_connection.hpp.
std::unique_ptr<Backend> open_odbc(std::string_view location, const SinkOptions& options, Log& log);

// Throws what open_odbc() would throw; the database is opened, and nothing made.
void check_odbc(std::string_view location, const SinkOptions& options);

}  // namespace hepcap::sink
