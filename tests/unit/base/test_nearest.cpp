#include "base/nearest.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using hepcap::did_you_mean;
using hepcap::nearest;

TEST_SUITE_BEGIN("base");

TEST_CASE("a mistyped word gets the known word that fewest slips lead to") {
    static constexpr std::array<std::string_view, 6> known{"callid",    "callid_aleg", "cseq",
                                                           "source_ip", "from_user",   "v"};
    struct Row {
        std::string_view name, word, expected;
    };
    const Row rows[] = {
        {"a character is missing", "calid", "callid"},
        {"a character is added", "callidd", "callid"},
        {"a character is wrong", "cbllid", "callid"},
        {"two neighbours are exchanged", "clalid", "callid"},
        {"case does not count", "CallID", "callid"},
        {"another separator", "call-id", "callid"},
        {"three slips in nine characters", "src_ip", "source_ip"},
        {"the word itself", "cseq", "cseq"},
        {"nothing in common with one character", "x", ""},
        {"too far off", "destination", ""},
        {"an empty word", "", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(nearest(row.word, known) == row.expected);
    }
}

TEST_CASE("a word of unreasonable length is near to nothing and costs nothing") {
    static constexpr std::array<std::string_view, 1> known{"callid"};
    CHECK(nearest(std::string(1 << 20, 'a'), known).empty());
}

TEST_CASE("of several that are equally near the first is taken") {
    static constexpr std::array<std::string_view, 2> known{"abcd1", "abcd2"};
    CHECK(nearest("abcd3", known) == "abcd1");
}

TEST_CASE("of several that are equally near the one that the word begins is taken") {
    static constexpr std::array<std::string_view, 2> known{"on", "off"};
    CHECK(nearest("of", known) == "off");
}

TEST_CASE("the question is asked only where there is something to ask") {
    static constexpr std::array<std::string_view, 1> known{"callid"};
    CHECK(did_you_mean("calid", known) == "; did you mean 'callid'?");
    CHECK(did_you_mean("zzzzzz", known).empty());
}

TEST_SUITE_END();
