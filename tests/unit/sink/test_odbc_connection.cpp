#include "sink/odbc_connection.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/error.hpp"

using namespace hepcap;
using namespace hepcap::sink;

TEST_SUITE("sink") {
    TEST_CASE("a URL of ODBC is a connection string, or written as Kamailio does") {
        CHECK(odbc_connection_string("DSN=calls;UID=u") == "DSN=calls;UID=u");
        CHECK(odbc_connection_string("//u:s%3Bc@localhost/calls") == "DSN=calls;UID=u;PWD={s;c}");
        CHECK(odbc_connection_string("//u:a}b@/calls") == "DSN=calls;UID=u;PWD={a}}b}");
        CHECK(odbc_connection_string("///calls") == "DSN=calls");
    }

    TEST_CASE("a URL of ODBC without a data source is refused, and none shows its password") {
        for (const char* const location :
             {"", "//u:secret@localhost", "//u:secret@localhost/", "//u:secret@h:0/d",
              "Driver=/none;PWD=secret", "DSN=no such source;Password={secret}",
              "DSN=no such source;PWD=secret"}) {
            CAPTURE(location);
            try {
                const OdbcConnection connection(odbc_connection_string(location));
                FAIL("connected");
            } catch (const Error& e) {
                CHECK(e.code() == ExitCode::usage);
                CHECK(std::string(e.what()).find("secret") == std::string::npos);
            }
        }
    }
}
