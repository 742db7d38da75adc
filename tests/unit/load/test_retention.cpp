#include "load/retention.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"

using hepcap::Error;
using hepcap::ExitCode;
using hepcap::Timestamp;
using hepcap::load::Retention;

namespace {

using Names = std::vector<std::string>;

const Timestamp march_10_noon{1'773'144'000 * 1'000'000'000LL};  // 2026-03-10 12:00:00

Names chosen(std::string_view age, const std::vector<std::string_view>& patterns, const Names& tables) {
    return Retention(age, patterns).choose(tables, march_10_noon);
}

std::string refusal(std::string_view age, const std::vector<std::string_view>& patterns) {
    try {
        Retention(age, patterns);
        return {};
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
}

}  // namespace

TEST_CASE("a partition goes only when all that it reaches over is old enough, not what its name tells") {
    const Names partitions{"t_20260309_0000", "t_20260309_0600", "t_20260309_1200"};
    const Retention retention("1d", {"t_%Y%m%d_%H%M"}, std::chrono::hours(6));
    CHECK(retention.choose(partitions, march_10_noon) == Names{"t_20260309_0000"});
}

TEST_CASE("only a table whose whole day is over for so long goes") {
    const Names days{"t_20260306", "t_20260307", "t_20260308", "t_20260309", "t_20260310", "t_20260311"};
    CHECK(chosen("3d", {"t_%Y%m%d"}, days) == Names{"t_20260306"});
    CHECK(chosen("36h", {"t_%Y%m%d"}, days) == Names{"t_20260306", "t_20260307", "t_20260308"});
    CHECK(chosen("1w", {"t_%Y%m%d"}, days).empty());
}

TEST_CASE("a table that no pattern names stays, however old it looks") {
    const Names tables{"t_20200101",    "t_20200101_backup", "x_20200101", "t",
                       "hepcap_ledger", "t_2020010",         "T_20200101"};
    CHECK(chosen("7d", {"t", "t_%Y%m%d"}, tables) == Names{"t_20200101"});
}

TEST_CASE("a table that two patterns name goes only if both take it for old") {
    CHECK(chosen("7d", {"%Y%m%d", "%d%m%Y"}, {"20202020", "20012001"}) == Names{"20012001"});
    CHECK(chosen("7d", {"t_%y%m%d", "t_%d%m%y"}, {"t_200326", "t_200320"}) == Names{"t_200320"});
}

TEST_CASE("an age without a unit, and names without a date, are refused") {
    CHECK(refusal("7", {"t_%Y"}) ==
          "--retention: '7' is no age; write a number and h, d or w behind it, e.g. 7d");
    CHECK(!refusal("", {"t_%Y"}).empty());
    CHECK(!refusal("0d", {"t_%Y"}).empty());
    CHECK(!refusal("-7d", {"t_%Y"}).empty());
    CHECK(!refusal("99999999999999999999d", {"t_%Y"}).empty());
    CHECK(
        refusal("7d", {"t", "t_%m%d"}).starts_with("--retention: no table name tells a date with its year"));
}
