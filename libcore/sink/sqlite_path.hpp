// What the file system says of a database before SQLite is asked: for a clearer sentence than its own,
// and for a dry run, which must not make or change anything.
#pragma once

#include <string>

namespace hepcap::sink {

// Throws Error where there is no database at `path`, and `create` does not allow to make one.
void require_sqlite_file(const std::string& path, bool create);

// The same, and throws where a database could not be opened for writing or made: the directory or the
// file may not be written, or the file is no database.
void check_sqlite_path(const std::string& path, bool create);

}  // namespace hepcap::sink
