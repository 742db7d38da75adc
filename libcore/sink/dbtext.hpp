// Kamailio's dbtext files as a sink: see dbtext_format.hpp for the format, dbtext_table.hpp for how a row is
// known.
#pragma once

#include <memory>
#include <string_view>

#include "sink/sink.hpp"

namespace hepcap::sink {

// `location` is the part of the URL behind "text:": a directory, also with two slashes before it as in
// Kamailio's text:///var/lib/dbtext; behind a question mark file_buffer_size=N as in the module's parameter
// of that name.  The directory is made where it is missing and `create` is set.
std::unique_ptr<Backend> open_dbtext(std::string_view location, const SinkOptions& options, Log& log);

// Throws what open_dbtext() would throw, as far as the file system tells.
void check_dbtext(std::string_view location, const SinkOptions& options);

}  // namespace hepcap::sink
