#include "sink/database_url.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/error.hpp"

using namespace hepcap;
using namespace hepcap::sink;

TEST_SUITE("sink") {
    TEST_CASE("a database URL is taken apart") {
        const DatabaseUrl url =
            parse_database_url("mysql", "//homer:s%3Ae%2Fc@db.example.com:3307/homer_data?ssl=on&x=%20");
        CHECK(url.user == "homer");
        CHECK(url.password == "s:e/c");
        CHECK(url.host == "db.example.com");
        CHECK(url.port == 3307);
        CHECK(url.database == "homer_data");
        CHECK(url.parameter("ssl") == "on");
        CHECK(url.parameter("x") == " ");
        CHECK(url.parameter("y").empty());
    }

    TEST_CASE("parts of a database URL may be left out") {
        CHECK(parse_database_url("mysql", "///homer").database == "homer");
        CHECK(parse_database_url("mysql", "//localhost").database.empty());
        CHECK(parse_database_url("mysql", "//localhost").port == 0);
        CHECK(parse_database_url("mysql", "//u@h/d").password.empty());
        CHECK(parse_database_url("mysql", "//u:a@b@h/d").password == "a@b");
        CHECK(parse_database_url("mysql", "//[2001:db8::1]:3306/d").host == "2001:db8::1");
        CHECK(parse_database_url("mysql", "//h/d?").parameters.empty());
        CHECK(parse_database_url("mysql", "//h/d?&a&").parameters.size() == 1);
    }

    TEST_CASE("what is no database URL is refused without showing its password") {
        for (const char* const location :
             {"u:secret@h/d", "//u:secret@h:0/d", "//u:secret@h:65536/d", "//u:secret%4@h/d",
              "//u:secret%zz@h/d", "//u:secret@[::1/d", "//u:secret@[::1]x/d", "//u:secret%00@h/d",
              "//u:secret@h:3306x/d"}) {
            CAPTURE(location);
            try {
                parse_database_url("mysql", location);
                FAIL_CHECK("taken");
            } catch (const Error& e) {
                CHECK(e.code() == ExitCode::usage);
                CHECK(std::string_view(e.what()).find("secret") == std::string_view::npos);
                CHECK(std::string_view(e.what()).find("mysql://user") != std::string_view::npos);
            }
        }
    }
}
