// What the numbers of the server's and the client library's errors mean for a load: whether to try again, and
// what to do.
//
// Source: the server's list of error codes (mariadb.com/kb/en/mariadb-error-codes), and errmsg.h of the
// client library for 2000 to 2999.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace hepcap::sink {

// An Error about `subject` ("database 'x' of the server at y") whose code says whether it may heal: temporary
// for a server that is away or full, a lock, a table that was dropped; usage for rights and names.
// `message` is the server's and may hold any octets.
Error mariadb_error(const std::string& subject, unsigned number, std::string_view message);

namespace mariadb_code {
inline constexpr unsigned duplicate_index_name = 1061;
inline constexpr unsigned lock_wait_timeout = 1205;
}  // namespace mariadb_code

}  // namespace hepcap::sink
