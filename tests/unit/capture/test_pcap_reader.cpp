#include "capture/pcap_reader.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"
#include "capture/savefiles.hpp"

using namespace hepcap;
using namespace hepcap::capture;
using namespace hepcap::capture::test;

namespace {

constexpr std::int64_t second = 1'000'000'000;

Octets three_packets() {
    Writer out;
    pcap_header(out);
    pcap_record(out, 100, 1, "one");
    pcap_record(out, 101, 2, "");
    pcap_record(out, 102, 3, "three");
    return out.octets;
}

}  // namespace

TEST_SUITE("capture") {
    TEST_CASE("every pcap magic is read in both byte orders") {
        const struct {
            std::string name;
            std::uint32_t magic;
            std::size_t extra;  // octets that each record header has more
            std::int64_t ns;
        } rows[] = {
            {"microseconds", 0xa1b2c3d4, 0, 7 * second + 123'456'000},
            {"nanoseconds", 0xa1b23c4d, 0, 7 * second + 123'456},
            {"modified", 0xa1b2cd34, 8, 7 * second + 123'456'000},
        };
        for (const auto& row : rows) {
            for (const bool is_big_endian : {false, true}) {
                CAPTURE(row.name);
                CAPTURE(is_big_endian);
                Writer out(is_big_endian);
                pcap_header(out, row.magic, 113);
                out.u32(7).u32(123'456).u32(3).u32(60).zeros(row.extra).text("abc");
                out.u32(8).u32(0).u32(2).u32(2).zeros(row.extra).text("de");
                MemoryLog log;
                FileSource source("x", log, reading(out.octets));
                Packet packet;
                REQUIRE(source.next(packet));
                CHECK(packet.time.ns == row.ns);
                CHECK(packet.has_nanoseconds == (row.magic == 0xa1b23c4d));
                CHECK(packet.link_type == 113);
                CHECK(packet.is_cut());
                CHECK(packet.original_length == 60);
                CHECK(as_text(packet.data) == "abc");
                CHECK(packet.origin.file == "x");
                CHECK(packet.origin.frame == 1);
                CHECK(packet.origin.offset == 24);
                REQUIRE(source.next(packet));
                CHECK_FALSE(packet.is_cut());
                CHECK(packet.origin.frame == 2);
                CHECK(packet.origin.offset == 24 + 16 + row.extra + 3);
                CHECK_FALSE(source.next(packet));
                CHECK_FALSE(source.next(packet));
                CHECK(log.errors.empty());
                CHECK(source.damaged_inputs() == 0);
            }
        }
    }

    TEST_CASE("a fraction of a second or more is carried into the seconds") {
        Writer out;
        pcap_header(out);
        pcap_record(out, 0xffffffff, 0xffffffff, "x");
        MemoryLog log;
        FileSource source("x", log, reading(out.octets));
        Packet packet;
        REQUIRE(source.next(packet));
        CHECK(packet.time.ns == 0xffffffff * second + std::int64_t{0xffffffff} * 1000);
    }

    TEST_CASE("the link type is what the low 16 bits say") {
        Writer out;
        pcap_header(out, 0xa1b2c3d4, 0x34000065);  // FCS length and its flag set
        pcap_record(out, 0, 0, "x");
        MemoryLog log;
        FileSource source("x", log, reading(out.octets));
        CHECK(read_all(source).at(0).link_type == 101);
    }

    TEST_CASE("lengths in the order of old versions are read") {
        Writer out;
        out.u32(0xa1b2c3d4).u16(2).u16(2).u32(0).u32(0).u32(96).u32(1);
        out.u32(1).u32(0).u32(60).u32(3).text("abc");  // original length first
        MemoryLog log;
        FileSource source("x", log, reading(out.octets));
        CHECK(read_all(source).at(0).data == "abc");
        CHECK(log.errors.empty());
    }

    TEST_CASE("a version that is not 2 is refused") {
        Writer out;
        out.u32(0xa1b2c3d4).u16(3).u16(1).u32(0).u32(0).u32(96).u32(1);
        MemoryLog log;
        CHECK_THROWS_WITH_AS(FileSource("x", log, reading(out.octets)),
                             "'x' has version 3.1 of its format, which hepcap does not read (offset 0); no "
                             "packet could be read",
                             Error);
    }

    TEST_CASE("a file that ends behind its header has no packets and nothing wrong") {
        Writer out;
        pcap_header(out);
        MemoryLog log;
        FileSource source("x", log, reading(out.octets));
        CHECK(read_all(source).empty());
        CHECK(log.errors.empty());
    }

    TEST_CASE("every prefix gives the packets that are whole in it, and says what it lacks") {
        const Octets file = three_packets();
        const std::size_t ends[] = {24, 43, 59, 80};  // of the header and of each packet
        REQUIRE(file.size() == ends[3]);
        for (std::size_t size = 24; size <= file.size(); ++size) {
            CAPTURE(size);
            MemoryLog log;
            FileSource source("x", log,
                              reading({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}));
            const std::size_t whole = static_cast<std::size_t>(std::count_if(
                std::begin(ends) + 1, std::end(ends), [=](std::size_t end) { return end <= size; }));
            CHECK(read_all(source).size() == whole);
            const bool is_boundary = std::find(std::begin(ends), std::end(ends), size) != std::end(ends);
            CHECK(log.errors.size() == (is_boundary ? 0 : 1));
            CHECK(source.damaged_inputs() == log.errors.size());
        }
    }

    TEST_CASE("damage is told in one sentence: the file, the packet, the offset, what was read") {
        const Octets file = three_packets();
        const auto prefix = [&](std::ptrdiff_t size) { return Octets(file.begin(), file.begin() + size); };
        Writer huge;
        huge.append(prefix(59)).u32(1).u32(1).u32(0x7fffffff).u32(0x7fffffff);
        const struct {
            std::string name;
            ReadFunction read;
            std::string sentence;
        } rows[] = {
            {"cut in the first record header", reading(prefix(30)),
             "'x' is cut off in the middle of packet 1 (offset 24); no packet could be read"},
            {"cut in the second record header", reading(prefix(50)),
             "'x' is cut off in the middle of packet 2 (offset 43); the packet before it was read"},
            {"cut in the data", reading(prefix(79)),
             "'x' is cut off in the middle of packet 3 (offset 59); the 2 packets before it were read"},
            {"a length that cannot be", reading(huge.octets),
             "'x' is damaged: packet 3 (offset 59) claims to be 2147483647 octets long; the 2 packets before "
             "it "
             "were read"},
            {"compressed data cut off", reading(without_last(gzip(file), 8)),
             "'x' is damaged: its gzip data is cut off (offset 80 of what it holds); the 3 packets before it "
             "were read"},
            {"a disk that fails", reading(prefix(45), 1 << 20, true),
             "'x' is damaged: it cannot be read further (Input/output error) (offset 43 of what it holds); "
             "the "
             "packet before it was read"},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            MemoryLog log;
            FileSource source("x", log, row.read);
            read_all(source);
            REQUIRE(log.errors.size() == 1);
            CHECK(log.errors[0] == row.sentence);
            CHECK(source.damaged_inputs() == 1);
        }
    }

    TEST_CASE("a packet may be as long as 256 KiB, or as the snaplen where that is more, up to 16 MiB") {
        const struct {
            std::string name;
            std::uint32_t snaplen;
            std::uint32_t captured;
            bool is_read;
        } rows[] = {
            {"usual limit", 96, 256 * 1024, true},
            {"beyond it", 96, 256 * 1024 + 1, false},
            {"a longer snaplen", 1'000'000, 1'000'000, true},
            {"beyond a longer snaplen", 1'000'000, 1'000'001, false},
            {"the longest of all", 0xffffffff, 16 << 20, true},
            {"beyond the longest of all", 0xffffffff, (16 << 20) + 1, false},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            Writer out;
            pcap_header(out, 0xa1b2c3d4, 1, row.snaplen);
            pcap_record(out, 0, 0, std::string(row.captured, 'a'));
            pcap_record(out, 0, 0, "next");
            MemoryLog log;
            FileSource source("x", log, reading(std::move(out.octets)));
            CHECK(read_all(source).size() == (row.is_read ? 2 : 0));
            CHECK(log.errors.size() == (row.is_read ? 0 : 1));
        }
    }
}
