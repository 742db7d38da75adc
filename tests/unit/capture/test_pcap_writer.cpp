#include "capture/pcap_writer.hpp"

#include <doctest/doctest.h>

#include "capture/savefiles.hpp"

using namespace hepcap;
using namespace hepcap::capture;
using namespace hepcap::capture::test;

namespace {

constexpr std::int64_t second = 1'000'000'000;

struct Memory {
    Octets octets;
    Output out{[this](std::string_view more) { octets.insert(octets.end(), more.begin(), more.end()); }};
};

Packet packet_at(std::int64_t ns, std::string_view data, std::uint32_t link_type = 1, bool is_fine = false) {
    Packet packet;
    packet.time.ns = ns;
    packet.has_nanoseconds = is_fine;
    packet.link_type = link_type;
    packet.original_length = static_cast<std::uint32_t>(data.size() + 2);
    packet.data = as_bytes(data);
    return packet;
}

std::vector<Seen> read_back(Memory& memory) {
    memory.out.flush();
    MemoryLog log;
    FileSource source("x", log, reading(memory.octets));
    auto seen = read_all(source);
    CHECK(log.errors.empty());
    return seen;
}

}  // namespace

TEST_SUITE("capture") {
    TEST_CASE("what is written is read back: time, link type, lengths, octets") {
        for (const auto form : {SavefileForm::pcap, SavefileForm::pcapng}) {
            for (const bool is_fine : {false, true}) {
                CAPTURE(static_cast<int>(form));
                CAPTURE(is_fine);
                Memory memory;
                PcapWriter writer(memory.out, {form, 113, is_fine, 1500, "hepcap", "eth0"});
                const std::int64_t step = is_fine ? 1 : 1000;
                const std::string long_one(70'000, 'x');
                CHECK(writer.write(packet_at(7 * second + 999'999 * step, "", 113, is_fine)));
                CHECK(writer.write(packet_at(8 * second, "a", 113, is_fine)));
                CHECK(writer.write(packet_at(9 * second + step, "abcde", 113, is_fine)));
                CHECK(writer.write(packet_at(10 * second, long_one, 113, is_fine)));
                const auto seen = read_back(memory);
                REQUIRE(seen.size() == 4);
                CHECK(seen[0].ns == 7 * second + 999'999 * step);
                CHECK(seen[0].data.empty());
                CHECK(seen[1].data == "a");
                CHECK(seen[2].ns == 9 * second + step);
                CHECK(seen[2].data == "abcde");
                CHECK(seen[3].data == long_one);
                CHECK(seen[3].link_type == 113);
                CHECK(writer.packets() == 4);
                CHECK(writer.octets() == memory.octets.size());
                CHECK(writer.coarsened() == 0);
            }
        }
    }

    TEST_CASE("a cut packet keeps its original length") {
        for (const auto form : {SavefileForm::pcap, SavefileForm::pcapng}) {
            Memory memory;
            PcapWriter writer(memory.out, {.form = form, .application = {}, .interface_name = {}});
            CHECK(writer.write(packet_at(second, "abc")));
            memory.out.flush();
            MemoryLog log;
            FileSource source("x", log, reading(memory.octets));
            Packet packet;
            REQUIRE(source.next(packet));
            CHECK(packet.original_length == 5);
            CHECK(packet.is_cut());
        }
    }

    TEST_CASE("pcap refuses a packet of another link type, pcapng gives it an interface of its own") {
        Memory classic;
        PcapWriter pcap(classic.out, {.application = {}, .interface_name = {}});
        CHECK(pcap.write(packet_at(second, "one")));
        CHECK_FALSE(pcap.write(packet_at(second, "two", 101)));
        CHECK(read_back(classic).size() == 1);

        Memory modern;
        PcapWriter pcapng(modern.out,
                          {.form = SavefileForm::pcapng, .application = {}, .interface_name = {}});
        CHECK(pcapng.write(packet_at(second, "one")));
        CHECK(pcapng.write(packet_at(second + 1, "two", 101, true)));
        CHECK(pcapng.write(packet_at(second, "three")));
        const auto seen = read_back(modern);
        REQUIRE(seen.size() == 3);
        CHECK(seen[0].link_type == 1);
        CHECK(seen[1].link_type == 101);
        CHECK(seen[1].ns == second + 1);
        CHECK(seen[2].link_type == 1);
    }

    TEST_CASE("a time that a form cannot say is the nearest that it can, and a lost digit is counted") {
        Memory memory;
        PcapWriter writer(memory.out, {.application = {}, .interface_name = {}});
        CHECK(writer.write(packet_at(-5, "before 1970")));
        CHECK(writer.write(packet_at(std::int64_t{5'000'000'000} * second, "after 2106")));
        CHECK(writer.write(packet_at(second + 1'001, "fine", 1, true)));
        const auto seen = read_back(memory);
        REQUIRE(seen.size() == 3);
        CHECK(seen[0].ns == 0);
        CHECK(seen[1].ns == std::int64_t{4'294'967'295} * second);
        CHECK(seen[2].ns == second + 1'000);
        CHECK(writer.coarsened() == 1);
    }

    TEST_CASE("the file header is there before the first packet, and every flush ends between packets") {
        Octets octets;
        std::vector<std::size_t> sizes;
        Output out([&](std::string_view more) {
            octets.insert(octets.end(), more.begin(), more.end());
            sizes.push_back(octets.size());
        });
        PcapWriter writer(out, {.application = {}, .interface_name = {}});
        out.flush();
        CHECK(octets.size() == 24);
        const std::string data(984, 'x');  // 1,000 with its header
        for (int i = 0; i < 1000; ++i) CHECK(writer.write(packet_at(second, data)));
        out.flush();
        CHECK(sizes.size() > 3);
        for (const std::size_t size : sizes) CHECK((size - 24) % 1000 == 0);
    }
}
