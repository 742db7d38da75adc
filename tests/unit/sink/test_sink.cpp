#include "sink/sink.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/error.hpp"
#include "sink/table_sql.hpp"

using namespace hepcap;
using namespace hepcap::sink;

namespace {

struct SilentLog : Log {
    void warn(std::string_view) override {}
    void error(std::string_view) override {}
};

// The sentence with which a URL is refused.
std::string refusal_of(std::string_view url) {
    SilentLog log;
    try {
        open_sink(url, {}, log);
    } catch (const Error& e) {
        CHECK(e.code() == ExitCode::usage);
        return e.what();
    }
    return "opened";
}

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("a database that this build does not have is refused with the list of those it has") {
        const std::vector<std::string_view> built_in = backends();
        std::string list;
        for (const std::string_view scheme : built_in) list.append(list.empty() ? "" : ", ").append(scheme);
        for (const char* const scheme : {"mysql", "postgres", "odbc", "text", "clickhouse"}) {
            if (std::ranges::find(built_in, scheme) != built_in.end()) continue;
            CAPTURE(scheme);
            const std::string sentence =
                refusal_of(std::string(scheme) + "://user:secret@db.example.com/homer");
            CHECK(sentence == "the backend '" + std::string(scheme) +
                                  "' is not compiled into this binary (built in: " + list + ")");
        }
        CHECK(list.starts_with("sqlite, null"));
        CHECK(refusal_of("oracle:x") == "unknown kind of database 'oracle' (built in: " + list + ")");
        CHECK(refusal_of("calls.db").find("sqlite:PATH") != std::string::npos);
        CHECK(refusal_of("sqlite:").find("sqlite:PATH") != std::string::npos);
    }

    TEST_CASE("no refusal shows what stands behind the scheme") {
        for (const char* const url : {"postgres://u:se@secret@h/d", "foo://u:secret@h/d", "secret"}) {
            CAPTURE(url);
            CHECK(refusal_of(url).find("secret") == std::string::npos);
        }
    }

    TEST_CASE("the null sink counts what a schema stores and what it skips") {
        SilentLog log;
        const auto null = open_sink("null:", {}, log);
        record::Record r;
        for (const char* const kind : {"sip", "sip", "rtcp", "hep", "hep", "eof"}) {
            r.kind = kind;
            null->append("t", r);
        }
        null->close();
        CHECK(null->counts().inserted == 3);
        REQUIRE(null->counts().skipped.size() == 2);
        CHECK(null->counts().skipped[0].name == "hep");
        CHECK(null->counts().skipped[0].count == 2);
        CHECK(null->counts().skipped[1].name == "eof");
    }

    TEST_CASE("kinds that nobody knows do not make the counters grow without bound") {
        SilentLog log;
        const auto null = open_sink("null:", {}, log);
        record::Record r;
        for (int i = 0; i < 1000; ++i) {
            const std::string kind = std::string(200, 'k') + std::to_string(i);
            const std::string other = std::to_string(i);
            r.kind = kind;
            null->append("t", r);
            r.kind = other;
            null->append("t", r);
        }
        std::uint64_t sum = 0;
        for (const NamedCount& c : null->counts().skipped) sum += c.count;
        CHECK(sum == 2000);
        CHECK(null->counts().skipped.size() <= 257);
    }

    TEST_CASE("a schema file is taken apart into its statements, with the table's name in place") {
        constexpr std::string_view file =
            "-- About.\n"
            "\n"
            "CREATE TABLE IF NOT EXISTS \"{table}\" (\n"
            "    a int -- first; of one\n"
            ");\n"
            "\n"
            "CREATE INDEX IF NOT EXISTS \"{table}_a_idx\" ON \"{table}\" (a);\n"
            "-- Last.\n"
            "CREATE UNIQUE INDEX IF NOT EXISTS \"{table}_uid_idx\" ON \"{table}\" (uid);\n";
        const TableSql sql = parse_table_sql(file, "x\"y");
        CHECK(sql.create == "CREATE TABLE IF NOT EXISTS \"x\"\"y\" (\n    a int -- first; of one\n)");
        REQUIRE(sql.indexes.size() == 2);
        CHECK(sql.indexes[0].name == "x\"y_a_idx");
        CHECK(sql.indexes[0].column == "a");
        CHECK(sql.indexes[0].sql == "CREATE INDEX IF NOT EXISTS \"x\"\"y_a_idx\" ON \"x\"\"y\" (a)");
        CHECK_FALSE(sql.indexes[0].is_unique);
        CHECK(sql.indexes[1].is_unique);
    }
}
