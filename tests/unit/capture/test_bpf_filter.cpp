#include "capture/bpf_filter.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"
#include "capture/savefiles.hpp"

using namespace hepcap;
using namespace hepcap::capture;
using namespace hepcap::capture::test;

namespace {

// IPv4 and UDP from 192.0.2.1:5060 to 192.0.2.2:5062, without payload.
Octets datagram() {
    Writer out(true);
    out.u16(0x4500).u16(28).u32(0).u16(0x4011).u16(0).u32(0xc0000201).u32(0xc0000202);
    out.u16(5060).u16(5062).u16(8).u16(0);
    return out.octets;
}

Packet packet_of(const Octets& octets, std::uint32_t link_type) {
    Packet packet;
    packet.link_type = link_type;
    packet.data = octets;
    packet.original_length = static_cast<std::uint32_t>(octets.size());
    return packet;
}

}  // namespace

TEST_SUITE("capture") {
    TEST_CASE("one filter holds for packets of every link type") {
        const Octets ethernet = Octets(12) + Octets{0x08, 0x00} + datagram();
        const Octets null = Octets{2, 0, 0, 0} + datagram();
        const Octets swapped_null = Octets{0, 0, 0, 2} + datagram();
        MemoryLog log;
        BpfFilter wanted("udp port 5060", log);
        BpfFilter unwanted("udp port 5061", log);
        const struct {
            std::string name;
            const Octets& octets;
            std::uint32_t link_type;
        } rows[] = {
            {"Ethernet", ethernet, 1},          {"raw IP", datagram(), 101},     {"NULL", null, 0},
            {"NULL, swapped", swapped_null, 0}, {"Ethernet again", ethernet, 1},
        };
        for (const auto& row : rows) {
            CAPTURE(row.name);
            CHECK(wanted.matches(packet_of(row.octets, row.link_type)));
            CHECK_FALSE(unwanted.matches(packet_of(row.octets, row.link_type)));
        }
        CHECK(log.errors.empty());
    }

    TEST_CASE("a wrong filter is wrong usage, and the sentence has libpcap's reason") {
        MemoryLog log;
        try {
            BpfFilter filter("udp prot 5060", log);
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.code() == ExitCode::usage);
            CHECK(std::string_view(error.what()) ==
                  "capture filter 'udp prot 5060' is wrong: can't parse filter expression: syntax error; see "
                  "pcap-filter(7)");
        }
    }

    TEST_CASE("a filter that one link type cannot answer is reported once") {
        MemoryLog log;
        BpfFilter filter("ether host 00:00:5e:00:53:01", log);
        const Octets octets = datagram();
        CHECK_FALSE(filter.matches(packet_of(octets, 101)));
        CHECK_FALSE(filter.matches(packet_of(octets, 101)));
        CHECK(log.errors.size() == 1);
    }
}
