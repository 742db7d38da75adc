#include "capture/pcapng_reader.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <limits>

#include "base/error.hpp"
#include "capture/savefiles.hpp"

using namespace hepcap;
using namespace hepcap::capture;
using namespace hepcap::capture::test;

namespace {

constexpr std::int64_t second = 1'000'000'000;

Octets two_interfaces(bool is_big_endian) {
    Writer out(is_big_endian);
    section(out, is_big_endian);
    interface(out, is_big_endian, 1);
    interface(out, is_big_endian, 113, Writer(is_big_endian).u16(9).u16(1).text("\x09").zeros(3).octets);
    enhanced_packet(out, is_big_endian, 0, 5'000'001, "ethernet");
    block(out, 0x0bad0001, Octets(5000));  // a kind that nobody knows
    enhanced_packet(out, is_big_endian, 1, 5'000'000'002, "cooked");
    return out.octets;
}

// One interface, then what `body` of block `type` makes of it, then a sound packet.
Octets around(std::uint32_t type, const Octets& body) {
    Writer out;
    section(out, false);
    interface(out, false, 1, {}, 4);
    block(out, type, body);
    enhanced_packet(out, false, 0, 1, "after");
    return out.octets;
}

std::vector<Seen> read_file(const Octets& file, MemoryLog& log) {
    FileSource source("x", log, reading(file));
    return read_all(source);
}

}  // namespace

TEST_SUITE("capture") {
    TEST_CASE("interfaces of one file keep their own link types and clocks, in both byte orders") {
        for (const bool is_big_endian : {false, true}) {
            CAPTURE(is_big_endian);
            MemoryLog log;
            const std::vector<Seen> seen = read_file(two_interfaces(is_big_endian), log);
            REQUIRE(seen.size() == 2);
            CHECK(seen[0] == Seen{5 * second + 1000, 1, 1, 28 + 20 + 28, "ethernet"});
            CHECK(seen[1] == Seen{5 * second + 2, 113, 2, 28 + 20 + 28 + 40 + 5012, "cooked"});
            CHECK(log.errors.empty());
        }
    }

    TEST_CASE("a new section brings its own byte order and forgets the interfaces before it") {
        Writer out(true);
        out.append(two_interfaces(false));
        section(out, true);
        enhanced_packet(out, true, 0, 0, "of no interface");
        interface(out, true, 101);
        enhanced_packet(out, true, 0, 6'000'000, "raw");
        MemoryLog log;
        const std::vector<Seen> seen = read_file(out.octets, log);
        REQUIRE(seen.size() == 3);
        CHECK(seen[2].link_type == 101);
        CHECK(seen[2].frame == 4);
        REQUIRE(log.errors.size() == 1);
        CHECK(log.errors[0] == "'x' is damaged: 1 packet block was left out, packet 3 (offset 5196)");
    }

    TEST_CASE("a clock counts in the units of its interface") {
        const struct {
            std::string name;
            std::uint8_t resolution;
            std::int64_t offset;
            std::uint64_t ticks;
            std::int64_t ns;
            bool is_fine;
        } rows[] = {
            {"microseconds", 6, 0, 1'000'001, second + 1000, false},
            {"nanoseconds", 9, 0, 1'000'000'001, second + 1, true},
            {"seconds", 0, 0, 3, 3 * second, false},
            {"picoseconds", 12, 0, 1'000'000'001'999, second + 1, true},
            {"10^-28 seconds", 28, 0, std::numeric_limits<std::uint64_t>::max(), 1, true},
            {"10^-127 seconds", 127, 0, std::numeric_limits<std::uint64_t>::max(), 0, true},
            {"1/1024 seconds", 0x8a, 0, 1536, second + second / 2, false},
            {"2^-20 seconds", 0x94, 0, 1, 953, true},
            {"2^-64 seconds", 0xc0, 0, std::uint64_t{1} << 63, second / 2, true},
            {"2^-127 seconds", 0xff, 0, std::numeric_limits<std::uint64_t>::max(), 0, true},
            {"an offset", 6, 1'000, 1, 1'000 * second + 1000, false},
            {"an offset before 1970", 6, -2, 1'000'000, -second, false},
            {"later than a timestamp reaches", 0, 0, std::numeric_limits<std::uint64_t>::max(),
             std::numeric_limits<std::int64_t>::max(), false},
            {"earlier than a timestamp reaches", 6, std::numeric_limits<std::int64_t>::min(), 0,
             std::numeric_limits<std::int64_t>::min(), false},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            const Clock clock{row.resolution, row.offset};
            CHECK(clock.time_of(row.ticks).ns == row.ns);
            CHECK(clock.is_finer_than_microseconds() == row.is_fine);
        }
    }

    TEST_CASE("if_tsoffset is read as a signed 64-bit number") {
        for (const bool is_big_endian : {false, true}) {
            Writer options(is_big_endian);
            options.u16(14).u16(8).u64(static_cast<std::uint64_t>(-3)).u32(0);
            Writer out(is_big_endian);
            section(out, is_big_endian);
            interface(out, is_big_endian, 1, options.octets);
            enhanced_packet(out, is_big_endian, 0, 0, "x");
            MemoryLog log;
            CHECK(read_file(out.octets, log).at(0).ns == -3 * second);
        }
    }

    TEST_CASE("a simple packet has no time and is cut by the snaplen of the first interface") {
        MemoryLog log;
        const std::vector<Seen> seen = read_file(around(3, Writer().u32(9).text("abcd").octets), log);
        REQUIRE(seen.size() == 2);
        CHECK(seen[0].ns == 0);
        CHECK(seen[0].data == "abcd");
    }

    TEST_CASE("the obsolete packet block is read") {
        MemoryLog log;
        const Octets body = Writer().u16(0).u16(7).u32(0).u32(2'000'000).u32(2).u32(2).text("ab").octets;
        const std::vector<Seen> seen = read_file(around(2, body), log);
        REQUIRE(seen.size() == 2);
        CHECK(seen[0].ns == 2 * second);
        CHECK(seen[0].data == "ab");
    }

    TEST_CASE("a packet block with wrong content is left out, counted and reported; the rest is read") {
        const struct {
            std::string name;
            std::uint32_t type;
            Octets body;
        } rows[] = {
            {"interface not described", 6, Writer().u32(1).u32(0).u32(0).u32(1).u32(1).text("a").octets},
            {"longer than its block", 6, Writer().u32(0).u32(0).u32(0).u32(9).u32(9).text("abcd").octets},
            {"shorter than its own fields", 6, Writer().u32(0).u32(0).octets},
            {"longest length", 6, Writer().u32(0).u32(0).u32(0).u32(0xffffffff).u32(1).octets},
            {"empty simple packet", 3, {}},
            {"simple packet without its data", 3, Writer().u32(9).octets},
            {"obsolete, shorter than its fields", 2, Writer().u32(0).octets},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            MemoryLog log;
            const std::vector<Seen> seen = read_file(around(row.type, row.body), log);
            REQUIRE(seen.size() == 1);
            CHECK(seen[0].data == "after");
            CHECK(seen[0].frame == 2);
            REQUIRE(log.errors.size() == 1);
            CHECK(log.errors[0] == "'x' is damaged: 1 packet block was left out, packet 1 (offset 48)");
        }
    }

    TEST_CASE("where blocks cannot be told apart reading stops with a reason") {
        const Octets start = two_interfaces(false);
        const auto end = static_cast<unsigned>(start.size());
        const auto with = [&](const Octets& more) { return reading(start + more); };
        Octets ends_differ = start;
        ends_differ[ends_differ.size() - 4] ^= 4;
        const struct {
            std::string name;
            ReadFunction read;
            std::string sentence;
        } rows[] = {
            {"length below the least", with(Writer().u32(5).u32(8).u32(8).octets),
             fmt::format(
                 "the block at offset {} claims to be 8 octets long; the 2 packets before it were read",
                 end)},
            {"length not a multiple of four", with(Writer().u32(5).u32(13).zeros(9).octets),
             fmt::format("the block at offset {} claims to be 13 octets long", end)},
            {"longest packet block", with(Writer().u32(6).u32(0xfffffffc).zeros(9).octets),
             fmt::format("the block at offset {} claims to be 4294967292 octets long", end)},
            {"two lengths", reading(ends_differ),
             "gives two different lengths; the packet before it was read"},
            {"cut unknown block", with(Writer().u32(99).u32(5000).zeros(90).octets),
             fmt::format("'x' is cut off in the middle of a block (offset {})", end)},
            {"cut packet", with(Writer().u32(6).u32(100).zeros(90).octets),
             fmt::format("'x' is cut off in the middle of packet 3 (offset {})", end)},
            {"no byte-order magic", with(Writer().u32(0x0a0d0d0a).u32(28).zeros(20).octets),
             "has no byte-order magic"},
            {"options that do not add up",
             with(Writer().u32(1).u32(24).u16(1).u16(0).u32(0).u16(9).u16(60).u32(24).octets),
             "does not add up"},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            MemoryLog log;
            FileSource source("x", log, row.read);
            CHECK(read_all(source).size() == (row.name == "two lengths" ? 1 : 2));
            REQUIRE(log.errors.size() == 1);
            CHECK_MESSAGE(log.errors[0].find(row.sentence) != std::string::npos, log.errors[0]);
        }
    }

    TEST_CASE("versions 1.0 and 1.2 are read, others refused") {
        for (const std::uint32_t minor : {0u, 1u, 2u, 3u}) {
            CAPTURE(minor);
            Writer out;
            section(out, false, minor);
            MemoryLog log;
            if (minor == 0 || minor == 2) {
                CHECK(read_file(out.octets, log).empty());
                CHECK(log.errors.empty());
            } else {
                CHECK_THROWS_AS(read_file(out.octets, log), Error);
            }
        }
    }

    TEST_CASE("interfaces without number do not take memory without bound") {
        Writer out;
        section(out, false);
        for (std::size_t i = 0; i <= PcapngReader::max_interfaces; ++i) interface(out, false, 1);
        MemoryLog log;
        CHECK(read_file(out.octets, log).empty());
        REQUIRE(log.errors.size() == 1);
        CHECK(log.errors[0].find("describes more than 65536 interfaces") != std::string::npos);
    }

    TEST_CASE("every prefix of a pcapng file gives a prefix of its packets") {
        const Octets file = two_interfaces(true);
        MemoryLog whole_log;
        const std::vector<Seen> whole = read_file(file, whole_log);
        for (std::size_t size = 28; size < file.size(); ++size) {
            CAPTURE(size);
            MemoryLog log;
            FileSource source("x", log,
                              reading({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}));
            const std::vector<Seen> seen = read_all(source);
            CHECK(seen.size() <= whole.size());
            CHECK(std::equal(seen.begin(), seen.end(), whole.begin()));
        }
    }
}
