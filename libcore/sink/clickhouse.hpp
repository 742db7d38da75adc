// ClickHouse as a sink, over HTTP.  See clickhouse.cpp for how it stores.
#pragma once

#include <memory>

#include "sink/sink.hpp"

namespace hepcap::sink {

// `location` is the part of the URL behind "clickhouse:", see clickhouse_server.hpp.
std::unique_ptr<Backend> open_clickhouse(std::string_view location, const SinkOptions& options, Log& log);

// Throws what open_clickhouse() would throw; the server is asked, and nothing made.
void check_clickhouse(std::string_view location, const SinkOptions& options);

}  // namespace hepcap::sink
