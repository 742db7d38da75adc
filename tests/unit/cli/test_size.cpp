#include "cli/size.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"

using namespace hepcap;

TEST_SUITE_BEGIN("cli");

TEST_CASE("a size is octets, or a number of 1024 and its powers") {
    CHECK(cli::parse_size("0", "--queue") == 0);
    CHECK(cli::parse_size("65536", "--queue") == 65536);
    CHECK(cli::parse_size("64K", "--queue") == 65536);
    CHECK(cli::parse_size("64k", "--queue") == 65536);
    CHECK(cli::parse_size("3M", "--queue") == 3 * 1024 * 1024);
    CHECK(cli::parse_size("2G", "--queue") == std::size_t{2} << 30);
}

TEST_CASE("what is no size is refused with the option's name") {
    for (const char* text :
         {"", "K", "-1", "1.5M", "64KB", "1 M", "99999999999999999999", "70368744177665", "65537G"}) {
        CAPTURE(text);
        try {
            cli::parse_size(text, "--queue");
            FAIL("taken");
        } catch (const Error& e) {
            CHECK(e.code() == ExitCode::usage);
            CHECK(std::string(e.what()).starts_with("--queue: "));
        }
    }
}

TEST_SUITE_END();
