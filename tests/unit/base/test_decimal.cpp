#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "base/decimal.hpp"

using namespace hepcap;

namespace {

template <class Number>
std::string printed(Number value) {
    char digits[max_decimal];
    return std::string(digits, append_decimal(digits, value));
}

}  // namespace

TEST_SUITE("base") {
    TEST_CASE("numbers are printed as std::to_string prints them, around every power of ten and of two") {
        for (std::uint64_t power = 1; power != 0 && power <= 10'000'000'000'000'000'000u; power *= 10) {
            for (const std::uint64_t value : {power - 1, power, power + 1})
                CHECK(printed(value) == std::to_string(value));
            if (power == 10'000'000'000'000'000'000u) break;
        }
        for (unsigned shift = 0; shift < 64; ++shift) {
            const std::uint64_t value = std::uint64_t{1} << shift;
            CHECK(printed(value) == std::to_string(value));
            CHECK(printed(value - 1) == std::to_string(value - 1));
        }
        CHECK(printed(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    }

    TEST_CASE("negative numbers have their sign, down to the smallest") {
        CHECK(printed(std::int64_t{-1}) == "-1");
        CHECK(printed(std::int64_t{0}) == "0");
        CHECK(printed(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    }
}
