// PostgreSQL as a sink.  See postgres.cpp for how it stores.
#pragma once

#include <memory>
#include <string_view>

#include "sink/sink.hpp"

namespace hepcap::sink {

// `location` is the part of the URL behind "postgres:" or "postgresql:", which goes to libpq as it is.
// Connects. Throws Error: usage for a URL that cannot be read, temporary where the server is away or busy.
std::unique_ptr<Backend> open_postgres(std::string_view location, const SinkOptions& options, Log& log);

// Connects and says goodbye; throws what open_postgres() would throw.
void check_postgres(std::string_view location, const SinkOptions& options);

}  // namespace hepcap::sink
