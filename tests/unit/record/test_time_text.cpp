#include "record/time_text.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace hepcap;

TEST_SUITE("record") {
    TEST_CASE("times of RFC 3339 are read with any fraction and offset") {
        struct Row {
            const char* text;
            std::int64_t ns;
        };
        constexpr std::array rows{
            Row{"1970-01-01T00:00:00Z", 0},
            Row{"2025-11-24T16:05:47.712782Z", 1'764'000'347'712'782'000},
            Row{"2025-11-24T16:05:47.712782123Z", 1'764'000'347'712'782'123},
            Row{"2025-11-24T16:05:47.7127821239999Z", 1'764'000'347'712'782'123},
            Row{"2025-11-24t18:05:47.7+02:00", 1'764'000'347'700'000'000},
            Row{"2025-11-24 10:35:47-05:30", 1'764'000'347'000'000'000},
            Row{"1969-12-31T23:59:59.5Z", -500'000'000},
            Row{"2016-12-31T23:59:60Z", 1'483'228'800'000'000'000},
            Row{"2024-02-29T00:00:00Z", 1'709'164'800'000'000'000},
        };
        for (const Row& row : rows) {
            CAPTURE(row.text);
            const auto time = record::parse_time(row.text);
            REQUIRE(time);
            CHECK(time->ns == row.ns);
        }
    }

    TEST_CASE("other texts are no time") {
        for (const char* const text :
             {"", "now", "2025-11-24", "2025-11-24T16:05:47", "2025-11-24T16:05:47.Z", "2025-13-24T16:05:47Z",
              "2025-02-29T16:05:47Z", "2025-11-24T24:05:47Z", "2025-11-24T16:60:47Z", "2025-11-24T16:05:61Z",
              "2025-11-24T16:05:47ZZ", "2025-11-24T16:05:47+2", "2025-11-24T16:05:47+24:00",
              "2025/11/24T16:05:47Z", "-025-11-24T16:05:47Z", "2025-11-24T16:05:4"}) {
            CAPTURE(text);
            CHECK_FALSE(record::parse_time(text));
        }
    }
}
