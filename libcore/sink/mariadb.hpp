// The backend for servers of MariaDB and MySQL.  The model of house is sqlite.cpp; what differs:
//
//  - Rows go over in MariaDB's bulk protocol: the values of some hundred rows in one packet for a prepared
//    INSERT.  Measured on the server's processor time for the same rows and table, LOAD DATA LOCAL INFILE
//    takes 1.6 times as much, an INSERT of many rows as text twice as much, and nothing has to be escaped.
//    A server that never asks for a file needs no trust: LOCAL is switched off for good.
//  - New tables have their key and the unique index over uid from the start, so that rows stored again after
//    a lost connection are found; the other indexes follow when the input pauses, and after a minute at most.
//  - What cannot stand in a column is cut, replaced and counted here; the server is in strict mode and
//  refuses
//    what it would have to change, so nothing is changed in silence.
#pragma once

#include <memory>
#include <string_view>

#include "sink/sink.hpp"

namespace hepcap::sink {

// `location` is the URL behind "mysql:".  Throws Error, with ExitCode::temporary where the server may come
// back.
std::unique_ptr<Backend> open_mariadb(std::string_view location, const SinkOptions& options, Log& log);

// What can be told of the URL without asking the server.
void check_mariadb(std::string_view location, const SinkOptions& options);

}  // namespace hepcap::sink
