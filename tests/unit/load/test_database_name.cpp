#include "load/database_name.hpp"

#include <doctest/doctest.h>

#include <string>

using hepcap::load::database_name;
using hepcap::load::real_path;

TEST_CASE("a server is named by its URL without user and password, wherever that stands") {
    struct Row {
        const char* url;
        const char* name;
    };
    const Row rows[] = {
        {"mysql://u:secret@db.example.com:3307/homer", "mysql://db.example.com:3307/homer"},
        {"mysql://u:se?c@r/et@db.example.com/homer", "mysql://db.example.com/homer"},
        {"mysql://localhost/a?unix_socket=/run/a&ssl=off", "mysql://localhost/a?unix_socket=/run/a"},
        {"postgresql:///calls?host=/run/pg&password=secret&user=u", "postgresql:///calls?host=/run/pg"},
        {"unixodbc://u:secret@h/dsn", "unixodbc://h/dsn"},
        {"odbc:DSN=calls;UID=u;PWD=secret", "odbc:DSN=calls"},
        {"odbc:Driver=x;Server=192.0.2.1;PWD={sec;ret};Database=d",
         "odbc:Driver=x;Server=192.0.2.1;Database=d"},
        {"mysql:secret", "mysql:"},
        {"secret", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.url);
        CHECK(database_name(row.url) == row.name);
    }
}

TEST_CASE("a file is named by its path, however that is written") {
    CHECK(database_name("sqlite:calls.db") == "sqlite:" + real_path("calls.db"));
    CHECK(database_name("text:not-there-yet").starts_with("text:/"));
    CHECK(database_name("sqlite://calls.db") == database_name("sqlite:./calls.db"));
    CHECK(database_name("text:dir?file_buffer_size=65536") == "text:" + real_path("dir"));
}
