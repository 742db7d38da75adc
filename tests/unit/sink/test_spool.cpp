#include "sink/spool.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "sink/spool_fixture.hpp"

using namespace hepcap;
using namespace hepcap::sink;

TEST_SUITE("sink") {
    TEST_CASE("what is appended waits in files that are read oldest first") {
        const TemporaryDirectory directory;
        const std::string path = directory / "spool";
        Spool spool(path, 1000);
        CHECK(spool.append("a\n"));
        CHECK(spool.append("b\n"));
        const auto first = spool.waiting();
        REQUIRE(first.size() == 1);
        CHECK(spool.append("c\n"));
        const auto both = spool.waiting();
        REQUIRE(both.size() == 2);
        CHECK(both[0] == first[0]);
        spool.remove(both[0]);
        CHECK(spool.waiting() == std::vector{both[1]});
        struct stat status {};
        REQUIRE(stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777U) == 0700);
    }

    TEST_CASE("the bound counts what lies there from before, and what is removed makes room") {
        const TemporaryDirectory directory;
        {
            Spool spool(directory.path().string(), 8);
            CHECK(spool.append("1234567\n"));
            CHECK_FALSE(spool.append("\n"));
        }
        Spool spool(directory.path().string(), 8);
        CHECK_FALSE(spool.append("\n"));
        spool.remove(spool.waiting().at(0));
        CHECK(spool.append("7654321\n"));
    }

    TEST_CASE("half a line of a process that died is cut off") {
        const TemporaryDirectory directory;
        std::ofstream(directory / "spool-1.ndjson") << "{\"v\":1}\n{\"v\":";
        std::ofstream(directory / "spool-2.ndjson") << "{\"v\"";
        std::ofstream(directory / "others.txt") << "mine";
        Spool spool(directory.path().string(), 1000);
        CHECK(spool.waiting().size() == 2);
        CHECK(contents(directory) == "mine{\"v\":1}\n");
    }

    TEST_CASE("two loads cannot have the same spool") {
        const TemporaryDirectory directory;
        auto first = std::make_unique<Spool>(directory.path().string(), 1000);
        try {
            Spool(directory.path().string(), 1000);
            FAIL_CHECK("taken");
        } catch (const Error& e) {
            CHECK(e.code() == ExitCode::temporary);
            CHECK(std::string_view(e.what()).find("in use by another load") != std::string_view::npos);
        }
        first.reset();
        Spool(directory.path().string(), 1000);
    }

    TEST_CASE("records that wait for one database are not given to another, and an empty spool is free") {
        const TemporaryDirectory directory;
        const std::string path = directory.path().string();
        Spool(path, 1000, "database a").append("1\n");
        Spool(path, 1000, "database a");
        try {
            Spool(path, 1000, "database b");
            FAIL_CHECK("taken");
        } catch (const Error& e) {
            CHECK(e.code() == ExitCode::usage);
            CHECK(std::string(e.what()) ==
                  "the spool '" + path +
                      "' holds records for database a, and this load is for database "
                      "b; let them be loaded there first, or name another directory");
        }
        CHECK(contents(directory) == "1\n");
        {
            Spool first(path, 1000, "database a");
            first.remove(first.waiting().at(0));
        }
        Spool(path, 1000, "database b").append("2\n");
        CHECK_THROWS_AS(Spool(path, 1000, "database a"), Error);
    }

    TEST_CASE("a spool that cannot be made is refused with its name") {
        CHECK_THROWS_AS(Spool("/nonexistent/spool", 1), Error);
    }
}
