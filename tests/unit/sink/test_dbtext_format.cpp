#include "sink/dbtext_format.hpp"

#include <doctest/doctest.h>

#include <string>

#include "sink/value_fixture.hpp"

using namespace hepcap;
using namespace hepcap::sink;

using sink::test::integer;
using sink::test::text;

namespace {

using Type = DbtextColumn::Type;

// The field, and a + where something was lost.
std::string field(Type type, const Value& value, std::size_t longest = 100, bool may_be_null = true) {
    std::string row;
    const bool is_whole = append_dbtext_field(row, {.name = "x", .type = type, .may_be_null = may_be_null},
                                              value, ColumnRule::Absent::null, longest);
    return row + (is_whole ? "" : "+");
}

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("the first line of a dbtext table names its columns, or it is none") {
        const auto columns =
            parse_dbtext_header("id(int,auto) date(time) t(double,null)  callid(string) msg(blob,null)");
        REQUIRE(columns.size() == 5);
        CHECK(columns[0].is_auto);
        CHECK(columns[1].type == Type::time);
        CHECK(columns[2].type == Type::real);
        CHECK(columns[2].may_be_null);
        CHECK(columns[3].type == Type::text);
        CHECK(!columns[3].may_be_null);
        CHECK(columns[4].name == "msg");
        CHECK(parse_dbtext_header("").empty());
        CHECK(parse_dbtext_header("1:2:3").empty());
        CHECK(parse_dbtext_header("id(int,auto) x").empty());
        CHECK(parse_dbtext_header("id(number)").empty());
        CHECK(parse_dbtext_header("(int)").empty());
    }

    TEST_CASE("what hepcap makes has the columns of the layout behind its id") {
        for (const Layout layout : {Layout::sip_capture, Layout::report_capture, Layout::record}) {
            const std::string header = dbtext_header(layout);
            const auto made = parse_dbtext_header(std::string_view(header).substr(0, header.size() - 1));
            REQUIRE(made.size() == columns(layout).size() + 1);
            for (std::size_t i = 1; i < made.size(); ++i) CHECK(made[i].name == columns(layout)[i - 1].name);
        }
    }

    TEST_CASE("a text has escapes for what would end it, and any other octets as they are") {
        CHECK(field(Type::text, text("a:b\\c\r\n\td")) == "a\\:b\\\\c\\r\\n\\td");
        CHECK(field(Type::text, text(std::string_view("\0\x01\xff", 3), Value::Type::octets)) ==
              "\\0\x01\xff");
        CHECK(field(Type::text, Value{}).empty());
        CHECK(field(Type::text, integer(-5)) == "-5");
    }

    TEST_CASE("a row splits where a colon has no backslash before it") {
        std::vector<std::string_view> fields;
        split_dbtext_row("1:a\\:b::c\\\\:", fields);
        CHECK(fields == std::vector<std::string_view>{"1", "a\\:b", "", "c\\\\", ""});
        split_dbtext_row("\\", fields);
        CHECK(fields == std::vector<std::string_view>{"\\"});
    }

    TEST_CASE("a text too long is cut, at a character where it has some") {
        CHECK(field(Type::text, text("abcdef"), 4) == "abcd+");
        CHECK(field(Type::text, text("abc\xc3\xbc"), 4) == "abc+");
        CHECK(field(Type::text, text("\xff\xbf\xbf\xbf", Value::Type::octets), 2) == "\xff\xbf+");
        CHECK(field(Type::text, text("abcd"), 4) == "abcd");
    }

    TEST_CASE("a date becomes seconds, numbers become numbers, and what is neither is told") {
        CHECK(field(Type::time, text("2026-03-07 01:02:03")) == "1772845323");
        CHECK(field(Type::time, text("yesterday")) == "0+");
        CHECK(field(Type::integer, text("200")) == "200");
        CHECK(field(Type::integer, text("INVITE")) == "0+");
        CHECK(field(Type::real, integer(1'764'000'000'000'001)) == "1764000000000001");
        CHECK(field(Type::integer, Value{}).empty());
        CHECK(field(Type::integer, Value{}, 100, false) == "0");
    }
}
