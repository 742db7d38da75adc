#include "collect/auth_keys.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"

using hepcap::collect::AuthKeys;

TEST_SUITE_BEGIN("collect");

TEST_CASE("a key is one of the file's lines, whole") {
    const AuthKeys keys("myhep\r\n\nother key\n", "keys");
    CHECK(keys.are_demanded());
    CHECK(keys.accept("myhep"));
    CHECK(keys.accept("other key"));
    for (const char* wrong : {"", "myhe", "myhepp", "MYHEP", "myhep\n", "other"}) {
        CAPTURE(wrong);
        CHECK_FALSE(keys.accept(wrong));
    }
}

TEST_CASE("without keys nothing is demanded, and a file without keys is an error") {
    CHECK_FALSE(AuthKeys().are_demanded());
    CHECK_THROWS_WITH_AS(AuthKeys("\n\r\n", "keys.txt"), "there is no key in the key file 'keys.txt'",
                         hepcap::Error);
}

TEST_SUITE_END();
