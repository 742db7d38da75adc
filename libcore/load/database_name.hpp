// What names a database: its URL without what is secret and without who asks, so that it can be compared
// with another, written to a file and shown.
#pragma once

#include <string>
#include <string_view>

namespace hepcap::load {

// A file is named by its absolute path, by whatever link it is reached; a server as the URL does.  The words
// of another kind that is not understood are left out, since one of them may be a password.
std::string database_name(std::string_view url);

// The file itself, not the link that leads to it; it need not be there yet.
std::string real_path(const std::string& path);

}  // namespace hepcap::load
