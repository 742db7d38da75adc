#include "sink/clickhouse_type.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "sink/value_fixture.hpp"

using namespace hepcap::sink;
using namespace std::string_view_literals;

using hepcap::sink::test::integer;
using hepcap::sink::test::text;

namespace {

struct Written {
    std::string octets;
    bool holds = false;
};

Written written(std::string_view type, const Value& value, bool null_absent = false) {
    const auto parsed = parse_clickhouse_type(type);
    REQUIRE(parsed);
    Written result;
    result.holds = append_row_binary(result.octets, *parsed, value, null_absent);
    return result;
}

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("a type of ClickHouse is known through what is around it") {
        CHECK(parse_clickhouse_type("String"));
        CHECK_FALSE(parse_clickhouse_type("Nullable(String)")->size > 0);
        CHECK(parse_clickhouse_type("LowCardinality(Nullable(String))")->is_nullable);
        CHECK(parse_clickhouse_type("FixedString(16)")->size == 16);
        CHECK(parse_clickhouse_type("DateTime('Europe/Berlin')")->kind == ClickHouseType::Kind::date_time);
        CHECK(parse_clickhouse_type("DateTime64(6, 'UTC')")->scale == 6);
        for (const char* const unknown :
             {"", "Array(String)", "Enum8('a' = 1)", "Nullable(Array(String))", "String)", "Nullable(",
              "IPv4", "DateTime64(12)", "Decimal(9, 2)"}) {
            CAPTURE(unknown);
            CHECK_FALSE(parse_clickhouse_type(unknown));
        }
    }

    TEST_CASE("a text stands behind its length") {
        CHECK(written("String", text("ab"sv)).octets ==
              "\x02"
              "ab");
        CHECK(written("String", text("a\0\xFF"sv)).octets ==
              "\x03"
              "a\0\xFF"sv);
        CHECK(written("String", Value{}).octets == "\0"sv);
        CHECK(written("String", integer(-12)).octets == "\x03-12");
        CHECK(written("Nullable(String)", Value{}, true).octets == "\x01");
        CHECK(written("Nullable(String)", Value{}, false).octets == "\0\0"sv);
        CHECK(written("Nullable(String)", text("x"), true).octets == "\0\x01x"sv);
        const std::string longer(300, 'x');
        CHECK(written("String", text(longer)).octets == "\xAC\x02" + longer);
        CHECK(written("FixedString(4)", text("ab")).octets == "ab\0\0"sv);
        CHECK_FALSE(written("FixedString(1)", text("ab")).holds);
    }

    TEST_CASE("a number too large for its column becomes the nearest, and that is told") {
        CHECK(written("Int32", integer(-2)).octets == "\xFE\xFF\xFF\xFF");
        CHECK(written("Int32", integer(std::int64_t{1} << 31U)).octets == "\xFF\xFF\xFF\x7F");
        CHECK_FALSE(written("Int32", integer(std::int64_t{1} << 31U)).holds);
        CHECK(written("Int8", integer(-128)).holds);
        CHECK_FALSE(written("Int8", integer(-129)).holds);
        CHECK(written("UInt16", integer(65535)).octets == "\xFF\xFF");
        CHECK(written("UInt16", integer(65535)).holds);
        CHECK_FALSE(written("UInt16", integer(65536)).holds);
        CHECK(written("UInt8", integer(-1)).octets == "\0"sv);
        CHECK_FALSE(written("UInt64", integer(-1)).holds);
        CHECK(written("Int64", integer(std::numeric_limits<std::int64_t>::min())).holds);
        CHECK(written("UInt8", text("17")).octets == "\x11");
        CHECK_FALSE(written("UInt8", text("seventeen")).holds);
        CHECK(written("Float64", integer(1)).octets == "\0\0\0\0\0\0\xF0\x3F"sv);
    }

    TEST_CASE("a time is told in the column's unit") {
        CHECK(written("DateTime", text("1970-01-01 00:00:01")).octets == "\x01\0\0\0"sv);
        CHECK(written("DateTime", text("1970-01-02T00:00:00.5Z")).octets == "\x80\x51\x01\0"sv);
        CHECK(written("Date", text("1970-01-03 12:00:00")).octets == "\x02\0"sv);
        CHECK(written("DateTime64(3)", text("1970-01-01T00:00:01.234567Z")).octets ==
              "\xD2\x04\0\0\0\0\0\0"sv);
        CHECK(written("DateTime64(6)", integer(1'000'001)).octets == "\x41\x42\x0F\0\0\0\0\0"sv);
        CHECK(written("DateTime", Value{}).holds);
        CHECK_FALSE(written("DateTime", text("9999-12-31 00:00:00")).holds);
        CHECK_FALSE(written("DateTime", text("1970-13-01 00:00:00")).holds);
        CHECK_FALSE(written("DateTime", text("yesterday, about noon")).holds);
    }

    TEST_CASE("texts of an answer are taken off its front, and never beyond its end") {
        std::string_view rows =
            "\x02"
            "ab"
            "\0"
            "\x01"
            "c"sv;
        CHECK(take_row_binary_text(rows) == "ab"sv);
        CHECK(take_row_binary_text(rows) == ""sv);
        CHECK(take_row_binary_text(rows) == "c"sv);
        CHECK_FALSE(take_row_binary_text(rows));
        for (std::string_view cut : {"\x02"
                                     "a"sv,
                                     "\xFF"sv, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv})
            CHECK_FALSE(take_row_binary_text(cut));
    }
}
