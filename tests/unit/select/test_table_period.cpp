#include "select/table_period.hpp"

#include <doctest/doctest.h>

#include <string>

#include "record/record.hpp"
#include "select/table_name.hpp"

using hepcap::select::period_of_table;
using hepcap::select::TableName;
using hepcap::select::TablePeriod;

namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t hour_us = 3'600 * second_us;
constexpr std::int64_t day_us = 24 * hour_us;
constexpr std::int64_t march_7_2026_us = 1'772'841'600 * second_us;  // 2026-03-07 00:00:00

std::string told(std::string_view pattern, std::string_view name) {
    const auto period = period_of_table(pattern, name);
    if (!period) return "nothing";
    const auto hours = [](std::int64_t us) { return std::to_string((us - march_7_2026_us) / hour_us); };
    return hours(period->start_us) + " to " + hours(period->end_us);
}

}  // namespace

TEST_CASE("a name with a date is a day of records") {
    CHECK(told("sip_capture_%Y%m%d", "sip_capture_20260307") == "0 to 24");
    CHECK(told("sip_%F", "sip_2026-03-07") == "0 to 24");
    CHECK(told("%y%j", "26066") == "0 to 24");
    CHECK(told("%C%y_%d_%b", "2026_07_Mar") == "0 to 24");
    CHECK(told("%A_%d_%B_%Y", "Saturday_07_March_2026") == "0 to 24");
}

TEST_CASE("a name with an hour is an hour of records, and with less than a day all that it may hold") {
    CHECK(told("t_%Y%m%d_%H", "t_20260307_05") == "5 to 6");
    CHECK(told("t_%Y%m%d_%I%p", "t_20260307_05PM") == "17 to 18");
    CHECK(told("t_%Y%m%d_%I", "t_20260307_05") == "0 to 24");
    CHECK(told("t_%Y%m%d_%M", "t_20260307_05") == "0 to 24");
    const auto minute = period_of_table("t_%Y%m%d%H%M", "t_202603070102");
    REQUIRE(minute);
    CHECK(minute->end_us - minute->start_us == 60 * second_us);
}

TEST_CASE("a month, a year and a week are as long as they are") {
    CHECK(told("t_%Y%m", "t_202603") == "-144 to 600");
    const auto year = period_of_table("t_%Y", "t_2026");
    REQUIRE(year);
    CHECK(year->end_us - year->start_us == 365 * day_us);
    CHECK(told("t_%G_%V", "t_2026_10") == "-120 to 48");
    // A number alone may be all weekdays of that number: from the first to the last.
    CHECK(told("t_%Y_%m_%u", "t_2026_03_6") == "0 to 528");
}

TEST_CASE("a name that the pattern does not make has no period") {
    CHECK(told("sip_capture_%Y%m%d", "sip_capture_2026037") == "nothing");
    CHECK(told("sip_capture_%Y%m%d", "sip_capture_20260307_old") == "nothing");
    CHECK(told("sip_capture_%Y%m%d", "my_sip_capture_20260307") == "nothing");
    CHECK(told("sip_capture_%Y%m%d", "sip_capture_20260230") == "nothing");
    CHECK(told("sip_capture_%Y%m%d", "sip_capture_20261399") == "nothing");
    CHECK(told("sip_capture_%Y%m%d", "sip_capture_19690307") == "nothing");
    CHECK(told("sip_capture_%Y%m%d", "sip_capture_") == "nothing");
    CHECK(told("t_%Y%m%d_%H", "t_20260307_25") == "nothing");
    CHECK(told("t_%A_%Y", "t_Fryday_2026") == "nothing");
}

TEST_CASE("a name that does not say its year is of no known age") {
    CHECK(told("sip_capture", "sip_capture") == "nothing");
    CHECK(told("t_%m%d", "t_0307") == "nothing");
    CHECK(told("t_%a", "t_Sat") == "nothing");
    CHECK(told("t_%C", "t_20") == "nothing");
}

TEST_CASE("what TableName makes of a moment lies in the period of the name") {
    for (const std::string_view pattern :
         {"%Y%m%d", "%Y%m%d%H", "%F_%I%p", "%G%V", "%Y%W", "%y%j%H%M%S", "%Y%U"}) {
        TableName table(pattern);
        for (std::int64_t us = march_7_2026_us; us < march_7_2026_us + 400 * day_us;
             us += 13 * day_us + hour_us) {
            hepcap::record::Record record;
            record.micro_ts = us;
            const auto name = table.expand(record);
            REQUIRE(name);
            const auto period = period_of_table(pattern, *name);
            REQUIRE(period);
            CHECK(period->start_us <= us);
            CHECK(us < period->end_us);
        }
    }
}
