#include "capture/file_format.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"
#include "capture/savefiles.hpp"

using namespace hepcap;
using namespace hepcap::capture;
using namespace hepcap::capture::test;
using namespace std::string_view_literals;

TEST_SUITE("capture") {
    TEST_CASE("a file that is no capture is refused with its format and the way out") {
        const struct {
            std::string_view head;
            std::string sentence;
        } rows[] = {
            {"", "'x' is empty; it is no capture file"},
            {"\xfd"
             "7zXZ\0..."sv,
             "'x' is xz data; decompress it first: xz -dc x | hepcap-decode"},
            {"BZh91AY", "'x' is bzip2 data; decompress it first: bzip2 -dc x | hepcap-decode"},
            {"\x04\x22\x4d\x18.."sv, "'x' is lz4 data; decompress it first: lz4 -dc x | hepcap-decode"},
            {"snoop\0\0\0\0\0\0\2"sv,
             "'x' is a snoop file, which hepcap does not read; convert it with editcap"},
            {"GMBU\2\3"sv,
             "'x' is a Network Monitor file, which hepcap does not read; convert it with editcap"},
            {"{\"v\":1}\n", "'x' is no capture file but looks like records, which hepcap-load reads"},
            {"hello, world",
             "'x' is no pcap or pcapng file (it starts with 68 65 6c 6c 6f 2c 20 77); if it is a capture of "
             "another format, convert it with editcap"},
            {"\xd4\xc3"sv,
             "'x' is no pcap or pcapng file (it starts with d4 c3); if it is a capture of "
             "another format, convert it with editcap"},
            {"\xd4\xc3\xb2\xa1"sv, "'x' is cut off in its file header; no packet could be read"},
            {"\x0a\x0d\x0d\x0a\x1c\0\0\0"sv, "'x' is cut off in its file header; no packet could be read"},
        };
        for (const auto& row : rows) {
            CAPTURE(row.sentence);
            MemoryLog log;
            const Bytes head = as_bytes(row.head);
            CHECK_THROWS_WITH_AS(FileSource("x", log, reading({head.begin(), head.end()})),
                                 row.sentence.c_str(), Error);
            CHECK(log.errors.empty());
        }
    }

    TEST_CASE("a file that is compressed twice is refused") {
        MemoryLog log;
        CHECK_THROWS_WITH_AS(FileSource("x", log, reading(gzip(gzip({1, 2, 3})))),
                             "'x' is compressed more than once; decompress it first", Error);
    }
}
