// The URL of a database server, as Kamailio's db_url and most clients write it:
//
//     scheme://user:password@host:port/database?name=value&name=value
//
// Everything but scheme and slashes may be left out.  %XX stands for an octet (RFC 3986, 2.1), an IPv6
// address stands in brackets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hepcap::sink {

struct DatabaseUrl {
    std::string user;
    std::string password;
    std::string host;
    std::uint16_t port = 0;  // 0: none is given
    std::string database;
    std::vector<std::pair<std::string, std::string>> parameters;

    // Value of the parameter, or empty.
    std::string_view parameter(std::string_view name) const;
};

// Takes apart what follows the scheme and its colon.  Throws Error with ExitCode::usage, in words that show
// nothing of the URL but `scheme`: the rest may hold a password.
DatabaseUrl parse_database_url(std::string_view scheme, std::string_view location);

}  // namespace hepcap::sink
