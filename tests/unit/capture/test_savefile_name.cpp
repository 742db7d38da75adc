#include "capture/savefile_name.hpp"

#include <doctest/doctest.h>

using namespace hepcap;
using namespace hepcap::capture;

TEST_SUITE("capture") {
    TEST_CASE("codes of strftime are filled in, in UTC") {
        const Timestamp time{std::int64_t{1'700'000'000} * 1'000'000'000 + 999'999'999};
        CHECK(dated_name("x.pcap", time) == "x.pcap");
        CHECK(dated_name("sip-%Y%m%d-%H%M%S.pcap", time) == "sip-20231114-221320.pcap");
        CHECK(dated_name("%Y/%m/x", time) == "2023/11/x");
        CHECK(dated_name("100%%.pcap", time) == "100%.pcap");
    }

    TEST_CASE("a number goes in front of the extension, which stays the last thing") {
        CHECK(numbered_name("trace.pcap", 7) == "trace-7.pcap");
        CHECK(numbered_name("trace.pcap.zst", 7, 3) == "trace-007.pcap.zst");
        CHECK(numbered_name("trace.pcapng", 12) == "trace-12.pcapng");
        CHECK(numbered_name("trace", 1) == "trace-1");
        CHECK(numbered_name("trace.d/x", 1) == "trace.d/x-1");
        CHECK(numbered_name("a.pcap/x", 1) == "a.pcap/x-1");
        CHECK(numbered_name(".pcap", 1) == ".pcap-1");
        CHECK(numbered_name("trace.v1", 1) == "trace.v1-1");
    }

    TEST_CASE("directory and base of a path") {
        CHECK(directory_of("x") == ".");
        CHECK(directory_of("/x") == "/");
        CHECK(directory_of("a/b/x") == "a/b");
        CHECK(base_of("a/b/x") == "x");
        CHECK(base_of("x") == "x");
    }

    TEST_CASE("one's own files are told from others by their names") {
        const std::string pattern = "sip-%Y%m%d-%H%M%S.pcap.zst";
        CHECK(is_made_by(pattern, "sip-20231114-221320.pcap.zst"));
        CHECK(is_made_by(pattern, "sip-20231114-221320-2.pcap.zst"));
        for (const char* other :
             {"sip-20231114-221320.pcap", "sip-2023111-221320.pcap.zst", "sip-20231114-22132x.pcap.zst",
              "zip-20231114-221320.pcap.zst", "sip-20231114-221320-x.pcap.zst",
              "sip-20231114-221320.pcap.zst.part", "sip-20231114-221320-.pcap.zst", "sip-.pcap.zst", ""}) {
            CAPTURE(other);
            CHECK_FALSE(is_made_by(pattern, other));
        }
        CHECK(is_made_by("x.pcap", "x.pcap"));
        CHECK(is_made_by("x.pcap", "x-17.pcap"));
        CHECK_FALSE(is_made_by("x.pcap", "xx.pcap"));
        CHECK_FALSE(is_made_by("x.pcap", "x-1y.pcap"));
        CHECK(is_made_by("%s.pcap", "1700000000.pcap"));
        CHECK_FALSE(is_made_by("%s.pcap", "notes.pcap"));
        CHECK(is_made_by("%F_%T.pcap", "2023-11-14_22:13:20.pcap"));
        CHECK(is_made_by("%b-%d.pcap", "Nov-14.pcap"));
        CHECK(is_made_by("100%%.pcap", "100%.pcap"));
    }
}
