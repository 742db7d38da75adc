#include <doctest/doctest.h>

#include <array>
#include <string>

#include "sink/postgres_connection.hpp"
#include "sink/postgres_partitions.hpp"
#include "sink/postgres_rows.hpp"
#include "sink/rows.hpp"

using namespace hepcap;
using namespace hepcap::sink;

namespace {

// The line of COPY for a record, of the columns named, each with a rule made of a type.
struct Wanted {
    std::string_view column;
    std::string_view type;
    std::size_t width = 0;
};

std::string line_of(const record::Record& record, std::span<const Wanted> wanted, PostgresTally& tally) {
    const std::span<const Column> all = columns(Layout::sip_capture);
    std::vector<PostgresColumn> chosen;
    std::size_t payload = PostgresRows::none;
    for (const Wanted& w : wanted) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i].name == w.column)
                chosen.push_back({i, w.column, postgres_rule(w.type, w.width, false, false)});
            if (all[i].name == "msg") payload = i;
        }
    }
    RowBatch batch;
    RowValues values;
    batch.add("t", Layout::sip_capture, record, values, {});
    tally.cut.assign(all.size(), 0);
    tally.replaced.assign(all.size(), 0);
    std::string line;
    PostgresRows(std::move(chosen), payload).append(line, batch.groups()[0], tally);
    return line;
}

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
    std::uint64_t total = 0;
    for (const std::uint64_t count : counts) total += count;
    return total;
}

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("what would end a value of COPY is escaped, and octets that are no text are kept beside it") {
        using namespace std::string_view_literals;
        record::Record r;
        r.callid = "a\tb\\.\n\\N\r";
        r.msg = "x\0y"sv;
        PostgresTally tally;
        constexpr std::array wanted{Wanted{"callid", "text"}, Wanted{"msg", "text"}};
        CHECK(line_of(r, wanted, tally) == "a\\tb\\\\.\\n\\\\N\\r\tx\xEF\xBF\xBDy\teAB5\n");
        CHECK(sum(tally.replaced) == 1);
        CHECK(sum(tally.cut) == 0);
    }

    TEST_CASE("a bytea takes any octets as they are") {
        using namespace std::string_view_literals;
        record::Record r;
        r.msg = "\0\xFF\\"sv;
        PostgresTally tally;
        constexpr std::array wanted{Wanted{"msg", "bytea"}};
        CHECK(line_of(r, wanted, tally).starts_with("\\\\x00ff5c\t"));
        CHECK(sum(tally.replaced) == 0);
    }

    TEST_CASE("a value too large for its column is cut to it, and counted") {
        record::Record r;
        r.callid = "\xC3\xA4\xC3\xB6\xC3\xBC";
        r.source_port = 70'000;
        r.micro_ts = std::numeric_limits<std::int64_t>::max();
        PostgresTally tally;
        constexpr std::array wanted{Wanted{"callid", "varchar", 2}, Wanted{"source_port", "int2"},
                                    Wanted{"micro_ts", "int8"}, Wanted{"contact_port", "int4"}};
        CHECK(line_of(r, wanted, tally) == "\xC3\xA4\xC3\xB6\t32767\t9223372036854775807\t0\t\\N\n");
        CHECK(sum(tally.cut) == 2);
    }

    TEST_CASE("times have a year, whatever the record says") {
        PostgresTally tally;
        constexpr std::array wanted{Wanted{"date", "timestamp"}};
        record::Record r;
        CHECK(line_of(r, wanted, tally).starts_with("1970-01-01 00:00:00\t"));
        r.micro_ts = std::numeric_limits<std::int64_t>::min() + 1;
        CHECK(line_of(r, wanted, tally).starts_with("0001-"));
    }

    TEST_CASE("an indexed text takes no more than an index does") {
        CHECK(postgres_rule("text", 0, true, false).width == 660);
        CHECK(postgres_rule("varchar", 1024, true, false).width == 660);
        CHECK(postgres_rule("varchar", 100, true, false).width == 100);
        CHECK(postgres_rule("text", 0, false, false).width == ColumnRule::unlimited);
    }

    TEST_CASE("an error is temporary exactly where it may heal") {
        constexpr std::array healing{"",      "08006", "40P01", "53100", "53300",
                                     "57P01", "57P03", "25006", "55P03", "42P01"};
        constexpr std::array lasting{"28P01", "28000", "3D000", "42501", "22001",
                                     "23502", "0A000", "57P04", "XX001"};
        for (const char* const code : healing) {
            CAPTURE(code);
            CHECK(exit_code_of(code) == ExitCode::temporary);
        }
        for (const char* const code : lasting) {
            CAPTURE(code);
            CHECK(exit_code_of(code) == ExitCode::data_error);
        }
    }

    TEST_CASE("the code of a refusal is found in libpq's wordy message, in any language") {
        const ConnectFailure failure = read_connect_failure(
            "connection to server at \"192.0.2.1\", port 5432 failed: FATAL:  28P01: password authentication "
            "failed for "
            "user \"a\"\nLOCATION:  auth_failed, auth.c:326\n");
        CHECK(failure.sqlstate == "28P01");
        CHECK(failure.cause == "password authentication failed for user \"a\"");
        const ConnectFailure away = read_connect_failure(
            "connection to server on socket \"/x\" failed: No such file or directory\n\tIs the server "
            "running?\n");
        CHECK(away.sqlstate.empty());
        CHECK(away.cause == "connection to server on socket \"/x\" failed: No such file or directory");
    }

    TEST_CASE("a URL of which libpq could show a piece of the password is refused, and not shown") {
        constexpr std::array unclear{"//u:pa@ss@h/db", "//u:pa/ss@h/db", "//u:p@h:1/d@b", "u:secret@h"};
        for (const char* const location : unclear) {
            CAPTURE(location);
            try {
                refuse_unclear_url(location);
                FAIL("it was not refused");
            } catch (const Error& e) {
                CHECK(e.code() == ExitCode::usage);
                CHECK(std::string_view(e.what()).find(location) == std::string_view::npos);
            }
        }
        constexpr std::array clear{"//u:p@h:5432/db", "//h/db", "///db?host=/tmp&user=a@b",
                                   "//u:p@[2001:db8::1]/db"};
        for (const char* const location : clear) {
            CAPTURE(location);
            CHECK_NOTHROW(refuse_unclear_url(location));
        }
    }

    TEST_CASE("a partition begins at a whole number of its hours after midnight in UTC") {
        const TimeRange sip =
            partition_range("2025-06-15 15:06:40.123456", partition_hours("hep_proto_1_call"));
        CHECK(sip.begin == "2025-06-15 14:00:00.000000");
        CHECK(sip.end == "2025-06-15 16:00:00.000000");
        const TimeRange rtcp =
            partition_range("2025-12-31 23:59:59.999999", partition_hours("hep_proto_5_default"));
        CHECK(rtcp.begin == "2025-12-31 18:00:00.000000");
        CHECK(rtcp.end == "2026-01-01 00:00:00.000000");
        CHECK(partition_hours("hep_proto_100_default") == 2);
    }
}
