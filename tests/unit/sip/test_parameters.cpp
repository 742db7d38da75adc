#include <doctest/doctest.h>

#include "sip/parameters.hpp"

using namespace hepcap::sip;

TEST_SUITE("sip") {
    TEST_CASE("a parameter is found by its name in any case, quotes taken off") {
        CHECK(find_parameter("a=1;Branch=z9;c", "branch") == "z9");
        CHECK(find_parameter("x=\"branch=no;\";branch=\"yes\"", "branch") == "yes");
        CHECK(find_parameter("Branch=first;branch=second", "branch") == "first");
        CHECK(find_parameter("rport;branch=z9 ;x", "branch") == "z9");
        CHECK(find_parameter("a=1,branch=2;branch=3", "branch") == "3");
        CHECK(find_parameter("branch=a(b),c;x", "branch") == "a(b),c");
        CHECK(find_parameter("branch=;branch=2", "branch") == "");
        CHECK(find_parameter("branches=1", "branch") == "");
        CHECK(find_parameter("branch", "branch") == "");
        CHECK(find_parameter("x=\"open;branch=1", "branch") == "");
    }

    TEST_CASE("the branch is that of the first Via value only") {
        CHECK(find_first_via_branch("SIP/2.0/UDP a, SIP/2.0/UDP b;branch=2") == "");
        CHECK(find_first_via_branch("SIP/2.0/UDP a;rport;branch=1;x=\"a,b\"") == "1");
        CHECK(find_first_via_branch("SIP/2.0/UDP a;x=\"a,b;branch=no\";branch=q1, SIP/2.0/UDP b;branch=2") ==
              "q1");
        CHECK(find_first_via_branch("SIP/2.0/UDP a;branch=q1 (comment, x)") == "q1");
        CHECK(find_first_via_branch("SIP/2.0/UDP a;branch=q1(comment;branch=no)") == "q1");
        CHECK(find_first_via_branch("SIP/2.0/UDP a;branch=q1,SIP/2.0/UDP b;branch=no") == "q1");
        CHECK(find_first_via_branch("SIP/2.0/UDP a;rport;x=\"open;branch=no") == "");
        CHECK(find_first_via_branch("SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK") == "z9hG4bK");
    }
}
