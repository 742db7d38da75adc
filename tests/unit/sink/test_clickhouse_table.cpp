#include "sink/clickhouse_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "sink/embedded_sql.hpp"

using namespace hepcap;
using namespace hepcap::sink;

namespace {

std::string_view file(Layout layout) { return embedded_sql("clickhouse/" + std::string(sql_file(layout))); }

// First words of the lines between the parentheses of CREATE TABLE.
std::vector<std::string> columns_of(std::string_view sql) {
    std::vector<std::string> names;
    for (sql.remove_prefix(sql.find("(\n") + 2); sql.starts_with("    ");
         sql.remove_prefix(sql.find('\n') + 1))
        names.emplace_back(sql.substr(4, sql.find(' ', 4) - 4));
    return names;
}

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("the tables of ClickHouse have the columns of their layout, in types that are written") {
        for (const Layout layout : {Layout::sip_capture, Layout::report_capture, Layout::record}) {
            std::vector<std::string> wanted;
            for (const Column& column : columns(layout)) wanted.emplace_back(column.name);
            CHECK(columns_of(file(layout)) == wanted);
            std::string_view rest = file(layout);
            for (rest.remove_prefix(rest.find("(\n") + 2); rest.starts_with("    ");
                 rest.remove_prefix(rest.find('\n') + 1)) {
                std::string_view line = rest.substr(0, rest.find(" --"));
                line.remove_prefix(line.find(' ', 4) + 1);
                line = line.substr(0, line.find_last_not_of(" ,") + 1);
                CAPTURE(line);
                CHECK(parse_clickhouse_type(line));
            }
        }
    }

    TEST_CASE("an old server gets no LowCardinality, and names are quoted") {
        const std::string with = clickhouse_create_sql(file(Layout::sip_capture), "a.b", "d", "", true).at(0);
        const std::string without = clickhouse_create_sql(file(Layout::record), "a.b", "d", "", false).at(0);
        CHECK(with.find("LowCardinality(String)") != std::string::npos);
        CHECK(without.find("LowCardinality") == std::string::npos);
        CHECK(without.find("\"a.b\" (\n") != std::string::npos);
        CHECK(clickhouse_name("a\"\\b") == R"("a\"\\b")");
        CHECK(clickhouse_literal(std::string_view("a'\\\0\n", 5)) == "'a\\'\\\\\\0\n'");
    }

    TEST_CASE("on a cluster a table is distributed over replicated ones") {
        const auto sql =
            clickhouse_create_sql(file(Layout::report_capture), "rtcp_capture", "homer", "o'ne", true);
        REQUIRE(sql.size() == 2);
        CHECK(sql[0].find("CREATE TABLE IF NOT EXISTS \"rtcp_capture_local\" ON CLUSTER 'o\\'ne' (\n") == 0);
        CHECK(sql[0].find("ENGINE = ReplicatedReplacingMergeTree("
                          "'/clickhouse/tables/{shard}/homer/rtcp_capture_local', '{replica}')") !=
              std::string::npos);
        CHECK(sql[1] ==
              "CREATE TABLE IF NOT EXISTS \"rtcp_capture\" ON CLUSTER 'o\\'ne' AS \"rtcp_capture_local\" "
              "ENGINE = "
              "Distributed('o\\'ne', 'homer', 'rtcp_capture_local', cityHash64(correlation_id))");
        const auto sip = clickhouse_create_sql(file(Layout::sip_capture), "t", "d", "c", true);
        CHECK(sip.at(1).find("cityHash64(callid))") != std::string::npos);
    }

    TEST_CASE("a URL of ClickHouse is refused for a parameter that nobody knows, without its password") {
        for (const char* const location :
             {"//u:secret@h/d?sucure=1", "//u:secret@h/d?secure=yes", "u:secret@h"}) {
            try {
                ClickHouseServer server(location);
                FAIL("no error");
            } catch (const Error& e) {
                CHECK(e.code() == ExitCode::usage);
                CHECK(std::string(e.what()).find("secret") == std::string::npos);
            }
        }
        CHECK(ClickHouseServer("//h").name() == "'h:8123'");
        CHECK(ClickHouseServer("//h?secure=1&compress=0").name() == "'h:8443'");
        CHECK(ClickHouseServer("//[2001:db8::1]:9/d").database() == "d");
    }
}
