#include "capture/picked_source.hpp"

#include <doctest/doctest.h>

#include "capture/savefiles.hpp"

using namespace hepcap;
using namespace hepcap::capture;
using namespace hepcap::capture::test;

namespace {

// "one" at 24, "two" at 43, "three" at 62, "four" at 83.
std::unique_ptr<Source> four_packets(MemoryLog& log) {
    Writer out;
    pcap_header(out);
    for (const char* data : {"one", "two", "three", "four"}) pcap_record(out, 100, 1, data);
    return std::make_unique<FileSource>("x", log, reading(out.octets));
}

std::vector<std::string> picked(std::vector<Pick> picks, MemoryLog& log) {
    PickedSource source(four_packets(log), std::move(picks), "x", log);
    std::vector<std::string> all;
    for (const Seen& seen : read_all(source)) all.push_back(seen.data);
    return all;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_SUITE("capture") {
    TEST_CASE("what was picked comes, once each, in the file's order") {
        MemoryLog log;
        CHECK(picked({{4, 83}, {2, 43}, {4, 83}}, log) == Strings{"two", "four"});
        CHECK(picked({}, log).empty());
        CHECK(log.errors.empty());
    }

    TEST_CASE("a packet that stands elsewhere, or is not there, is left out and said") {
        MemoryLog log;
        CHECK(picked({{1, 24}, {2, 44}, {9, 200}}, log) == Strings{"one"});
        REQUIRE(log.errors.size() == 1);
        CHECK(log.errors[0] ==
              "'x' does not have 2 of the 3 packets that were picked from it: it is not the file that the "
              "records "
              "are of");
    }

    TEST_CASE("of two offsets for one packet the right one counts") {
        MemoryLog log;
        CHECK(picked({{2, 40}, {2, 43}}, log) == Strings{"two"});
        CHECK(log.errors.size() == 1);
    }
}
