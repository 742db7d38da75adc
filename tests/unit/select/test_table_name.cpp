#include "select/table_name.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "base/error.hpp"

using hepcap::Error;
using hepcap::ExitCode;
using hepcap::Timestamp;
using hepcap::record::Record;
using hepcap::select::is_plausible_table_time;
using hepcap::select::TableCause;
using hepcap::select::TableName;

namespace {

Record at(std::int64_t second) {
    Record record;
    record.micro_ts = second * 1'000'000;
    return record;
}

std::string refusal(std::string_view pattern) {
    try {
        TableName{pattern};
        return {};
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
}

std::string expanded(std::string_view pattern, std::int64_t second) {
    TableName table(pattern);
    const auto name = table.expand(at(second));
    return name ? std::string(*name) : std::string(hepcap::select::name(name.error()));
}

}  // namespace

TEST_SUITE_BEGIN("select");

TEST_CASE("a pattern is expanded in UTC, one second before midnight as well as at it") {
    CHECK(expanded("call_%Y%m%d", 1'428'451'199) == "call_20150407");
    CHECK(expanded("call_%Y%m%d", 1'428'451'200) == "call_20150408");
    CHECK(expanded("c_%F_%H%M%S", 1'428'451'199) == "c_2015-04-07_235959");
    CHECK(expanded("%y%j_%a_%b_%G%V", 1'428'451'199) == "15097_Tue_Apr_201515");
    CHECK(expanded("sip_capture", 1'428'451'199) == "sip_capture");
}

TEST_CASE("each code changes when its own period does, and an older record gets its own name back") {
    for (const std::string_view pattern : {"t_%Y%m%d", "t_%H", "t_%H%M", "t_%S", "t_%Y%m%d%H%M%S"}) {
        CAPTURE(pattern);
        TableName table(pattern);
        for (const std::int64_t second : {1'428'451'198, 1'428'451'199, 1'428'451'200, 1'428'451'199,
                                          1'428'454'800, 1'428'451'260, 1'428'451'261, 0}) {
            CAPTURE(second);
            const auto name = table.expand(at(second));
            REQUIRE(name.has_value());
            CHECK(*name == expanded(pattern, second));
        }
    }
}

TEST_CASE("a name that follows the time needs a time between 1970 and 9999") {
    TableName daily("t_%Y%m%d");
    CHECK(daily.follows_time());
    CHECK(daily.expand(Record{}).error() == TableCause::no_time);
    CHECK(daily.expand(at(-1)).error() == TableCause::impossible_time);
    CHECK(daily.expand(at(253'402'300'800)).error() == TableCause::impossible_time);
    CHECK(*daily.expand(at(253'402'300'799)) == "t_99991231");
    CHECK(*daily.expand(at(0)) == "t_19700101");

    TableName fixed("t");
    CHECK(!fixed.follows_time());
    CHECK(*fixed.expand(Record{}) == "t");
}

TEST_CASE("a pattern that could make a name no table may have is refused when it is read") {
    struct Row {
        std::string_view pattern, sentence;
    };
    const Row rows[] = {
        {"", "a table name is empty; name a table, or several joined by |"},
        {"a b",
         "table name 'a b': ' ' may not stand in it; letters, digits and _ may, and . $ - after the first"},
        {"a\"b",
         "table name 'a\"b': '\"' may not stand in it; letters, digits and _ may, and . $ - after the first"},
        {"../x",
         "table name '../x': '.' may not stand first in it; letters, digits and _ may, and . $ - after the "
         "first"},
        {"t\n",
         "table name 't\\x0a': '\\x0a' may not stand in it; letters, digits and _ may, and . $ - after the "
         "first"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.pattern);
        CHECK(refusal(row.pattern) == row.sentence);
    }
    for (const std::string_view pattern :
         {"t_%D", "t_%c", "t_%%", "t_%", "t_%Ey", "t_%z", "t_%s", "t_%e", "t_%n"}) {
        CAPTURE(pattern);
        CHECK(refusal(pattern).find("makes no characters of a table name") != std::string::npos);
    }
    for (const std::string_view pattern : {"t", "_", "%Y", "9", "a.b$c-d"}) {
        CAPTURE(pattern);
        CHECK(refusal(pattern).empty());
    }
}

TEST_CASE("the length that counts is that of the longest name a pattern can make") {
    CHECK(refusal(std::string(64, 'a')).empty());
    CHECK(refusal(std::string(65, 'a')).find("65 characters") != std::string::npos);
    CHECK(refusal(std::string(55, 'a') + "%B").empty());
    CHECK(refusal(std::string(56, 'a') + "%B").find("65 characters") != std::string::npos);
    CHECK(expanded(std::string(55, 'a') + "%A", 1'428'451'200) == std::string(55, 'a') + "Wednesday");
}

TEST_CASE("tables are made for times from 2000 to two days after now") {
    const Timestamp now = Timestamp::from_parts(1'765'000'000, 0);
    const auto plausible = [&](std::int64_t second) {
        return is_plausible_table_time(second * 1'000'000, now);
    };
    CHECK(plausible(1'765'000'000));
    CHECK(plausible(1'765'000'000 + 2 * 86'400));
    CHECK(!plausible(1'765'000'000 + 2 * 86'400 + 1));
    CHECK(plausible(946'684'800));
    CHECK(!plausible(946'684'799));
    CHECK(!plausible(0));
    CHECK(!plausible(4'102'444'800));  // 2100
}

TEST_SUITE_END();
