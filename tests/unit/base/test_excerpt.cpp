#include "base/excerpt.hpp"

#include <doctest/doctest.h>

#include <string>

using hepcap::excerpt;

TEST_SUITE_BEGIN("base");

TEST_CASE("text of others is short and printable in a sentence") {
    CHECK(excerpt("callid") == "'callid'");
    CHECK(excerpt("") == "''");
    CHECK(excerpt("\x1b[2J") == "'\\x1b[2J'");
    CHECK(excerpt("caf\xc3\xa9") == "'caf\\xc3\\xa9'");
    CHECK(excerpt(std::string(50, 'a'), 4) == "'aaaa...'");
}

TEST_SUITE_END();
