#include <doctest/doctest.h>

#include <array>
#include <string>

#include "base/error.hpp"
#include "sink/mariadb_column.hpp"
#include "sink/mariadb_error.hpp"
#include "sink/mariadb_settings.hpp"
#include "sink/value_fixture.hpp"

using namespace hepcap;
using namespace hepcap::sink;

using sink::test::integer;
using sink::test::text;

namespace {

std::string refusal_of(std::string_view location) {
    try {
        mariadb_settings(location);
    } catch (const Error& e) {
        CHECK(e.code() == ExitCode::usage);
        return e.what();
    }
    return "taken";
}

constexpr auto zero = ColumnRule::Absent::zero;

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("the parameters of a MySQL URL are known, and no refusal shows a word of it") {
        const MariadbSettings s =
            mariadb_settings("//u:p@db.example.com:3307/homer?ssl_ca=ca.pem&read_timeout=5&bulk=off");
        CHECK(s.tls == MariadbSettings::Tls::verified);
        CHECK(s.read_timeout == 5);
        CHECK_FALSE(s.use_bulk);
        CHECK(describe(s) == "database 'homer' of the server at 'db.example.com:3307'");
        CHECK(mariadb_settings("///homer?socket=/run/s").socket == "/run/s");
        constexpr std::array urls{"//u:secret@h", "//u:secret@h/d?ssl=secre", "//u:pass?unix_secret@h/d",
                                  "//u:secret@h/d?read_timeout=0"};
        for (const char* const url : urls) {
            CAPTURE(url);
            CHECK(refusal_of(url).find("secret") == std::string::npos);
            CHECK(refusal_of(url) != "taken");
        }
        CHECK(refusal_of("//h/d?unix_soket=x").ends_with("did you mean 'unix_socket'?"));
    }

    TEST_CASE("what may heal is temporary, what the user must mend is not") {
        for (const unsigned number : {2002U, 2006U, 2013U, 1040U, 1053U, 1205U, 1213U, 1114U, 1021U, 1146U}) {
            CAPTURE(number);
            CHECK(mariadb_error("x", number, "no").code() == ExitCode::temporary);
        }
        CHECK(mariadb_error("x", 1290, "running with the --read-only option").code() == ExitCode::temporary);
        CHECK(mariadb_error("x", 1290, "running with the --skip-grant-tables option").code() ==
              ExitCode::usage);
        for (const unsigned number : {1044U, 1045U, 1049U, 1142U})
            CHECK(mariadb_error("x", number, "no").code() == ExitCode::usage);
        CHECK(mariadb_error("x", 1062, "no").code() == ExitCode::data_error);
        CHECK(std::string(mariadb_error("x", 1062, "a\nb\x1b[2J").what()) == "x: a?b?[2J (1062)");
    }

    TEST_CASE("values are fitted to their columns, and what is lost by it is told") {
        MariadbFitter fitter;
        MariadbColumn narrow;
        narrow.characters = 3;
        const auto cut = fitter.fit(text("\u00e4\u00f6\u00fcx"), narrow, zero);
        CHECK(cut.text == "\u00e4\u00f6\u00fc");
        CHECK(cut.is_cut);
        const auto replaced = fitter.fit(text({"a\0\xff", 3}, Value::Type::octets), narrow, zero);
        CHECK(replaced.text == "a\uFFFD\uFFFD");
        CHECK(replaced.is_replaced);
        CHECK_FALSE(replaced.is_cut);
        MariadbColumn three_octets;
        three_octets.highest = 0xFFFF;
        CHECK(fitter.fit(text("\U0001F4DE\u20ac"), three_octets, zero).text == "\uFFFD\u20ac");
        MariadbColumn small_text;
        small_text.octets = 4;
        CHECK(fitter.fit(text("\u20ac\u20ac"), small_text, zero).text == "\u20ac");
        MariadbColumn port;
        port.form = MariadbColumn::Form::integer;
        port.least = 0;
        port.most = 65535;
        CHECK(fitter.fit(integer(70000), port, zero).integer == 65535);
        CHECK(fitter.fit(integer(-1), port, zero).is_cut);
        CHECK_FALSE(fitter.fit(integer(5060), port, zero).is_cut);
        MariadbColumn stamp;
        stamp.form = MariadbColumn::Form::moment;
        stamp.is_timestamp = true;
        CHECK(fitter.fit(text("2100-01-01 00:00:00"), stamp, zero).text == "2038-01-19 03:14:07");
        CHECK(fitter.fit(Value{}, stamp, zero).text == "1970-01-01 00:00:01");
    }
}
