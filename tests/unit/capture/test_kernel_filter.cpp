// The filter's text is compiled by libpcap and run over frames that are built here.
#include "capture/kernel_filter.hpp"

#include <doctest/doctest.h>

#include "capture/bpf_filter.hpp"
#include "capture/savefiles.hpp"

using namespace hepcap;
using namespace hepcap::capture;
using namespace hepcap::capture::test;

namespace {

constexpr std::uint32_t ethernet = 1;
constexpr std::uint32_t raw = 101;
constexpr std::uint32_t linux_sll = 113;

struct Ip {
    std::uint32_t protocol = 17;
    std::uint32_t fragment = 0;  // flags and offset
};

Octets ports(std::uint16_t source, std::uint16_t destination) {
    Writer out(true);
    out.u16(source).u16(destination).u16(12).u16(0).text("abcd");
    return out.octets;
}

Octets v4(const Octets& payload, Ip ip = {}) {
    Writer out(true);
    out.u16(0x4500).u16(static_cast<std::uint32_t>(20 + payload.size())).u16(1).u16(ip.fragment);
    out.u16(64 << 8 | ip.protocol).u16(0).u32(0xc0000201).u32(0xc0000202).append(payload);
    return out.octets;
}

Octets v6(const Octets& payload, std::uint32_t next_header = 17) {
    Writer out(true);
    out.u32(0x60000000).u16(static_cast<std::uint32_t>(payload.size())).u16(next_header << 8 | 64);
    out.u32(0x20010db8).zeros(11).text("\x01").u32(0x20010db8).zeros(11).text("\x02").append(payload);
    return out.octets;
}

Octets tagged(const Octets& packet, std::vector<std::uint32_t> types) {
    Writer out(true);
    out.zeros(12);
    for (std::size_t i = 0; i + 1 < types.size(); ++i) out.u16(types[i]).u16(100);
    out.u16(types.back()).append(packet);
    return out.octets;
}

Octets framed(const Octets& packet) { return tagged(packet, {packet[0] >> 4 == 4 ? 0x0800u : 0x86ddu}); }

Octets cooked(const Octets& packet, std::uint32_t type = 0x0800) {
    Writer out(true);
    out.zeros(14).u16(type).append(packet);
    return out.octets;
}

bool passes(const Octets& octets, std::uint32_t link_type, const std::string& extra = "") {
    const std::vector<PortRange> ranges{{5060, 5062}, {5080, 5080}};
    MemoryLog log;
    BpfFilter filter(kernel_filter(ranges, extra, link_type), log);
    Packet packet;
    packet.link_type = link_type;
    packet.data = octets;
    packet.original_length = static_cast<std::uint32_t>(octets.size());
    const bool is_passed = filter.matches(packet);
    CHECK(log.errors.empty());
    return is_passed;
}

}  // namespace

TEST_SUITE("capture") {
    TEST_CASE("the ports decide, at either end, over UDP and TCP, IPv4 and IPv6, for every link type") {
        const struct {
            std::uint16_t source, destination;
            bool is_wanted;
        } rows[] = {{5060, 40000, true},  {40000, 5062, true},  {40000, 5080, true},
                    {5063, 40000, false}, {40000, 5059, false}, {5079, 5081, false}};
        for (const auto& row : rows) {
            CAPTURE(row.source);
            CAPTURE(row.destination);
            const Octets transport = ports(row.source, row.destination);
            CHECK(passes(framed(v4(transport)), ethernet) == row.is_wanted);
            CHECK(passes(framed(v4(transport, {.protocol = 6})), ethernet) == row.is_wanted);
            CHECK(passes(framed(v6(transport)), ethernet) == row.is_wanted);
            CHECK(passes(v4(transport), raw) == row.is_wanted);
            CHECK(passes(v6(transport), raw) == row.is_wanted);
            CHECK(passes(cooked(v4(transport)), linux_sll) == row.is_wanted);
        }
    }

    TEST_CASE("one VLAN tag or two are looked behind, deeper ones are kept") {
        const Octets wanted = v4(ports(5060, 40000));
        const Octets other = v4(ports(40000, 40001));
        for (const std::uint32_t outer : {0x8100u, 0x88a8u, 0x9100u}) {
            CAPTURE(outer);
            CHECK(passes(tagged(wanted, {outer, 0x0800}), ethernet));
            CHECK(passes(tagged(wanted, {outer, 0x8100, 0x0800}), ethernet));
            CHECK(passes(tagged(other, {outer, 0x8100, 0x8100, 0x0800}), ethernet));
        }
        for (const std::uint32_t outer : {0x8100u, 0x88a8u}) {
            CAPTURE(outer);
            CHECK_FALSE(passes(tagged(other, {outer, 0x0800}), ethernet));
            CHECK_FALSE(passes(tagged(other, {outer, 0x8100, 0x0800}), ethernet));
        }
        CHECK(passes(tagged(v6(ports(5060, 1)), {0x8100, 0x86dd}), ethernet));
        CHECK_FALSE(passes(tagged(v6(ports(5064, 1)), {0x8100, 0x86dd}), ethernet));
    }

    TEST_CASE("fragments are kept: the first by its ports, the later ones because they have none") {
        const Octets transport = ports(5060, 40000);
        CHECK(passes(framed(v4(transport, {.fragment = 0x2000})), ethernet));
        CHECK_FALSE(passes(framed(v4(ports(1, 2), {.fragment = 0x2000})), ethernet));
        CHECK(passes(framed(v4(ports(1, 2), {.fragment = 0x2001})), ethernet));
        CHECK(passes(framed(v4(ports(1, 2), {.fragment = 0x00b9})), ethernet));
        CHECK(passes(tagged(v4(ports(1, 2), {.fragment = 0x00b9}), {0x8100, 0x0800}), ethernet));
        CHECK(passes(framed(v6(ports(1, 2), 44)), ethernet));
        CHECK(passes(v6(ports(1, 2), 60), raw));
    }

    TEST_CASE("tunnels are kept, whatever is in them; what is none is not") {
        for (const std::uint32_t protocol : {4u, 41u, 47u, 51u, 97u, 137u}) {
            CAPTURE(protocol);
            CHECK(passes(framed(v4(v4(ports(1, 2)), {.protocol = protocol})), ethernet));
            CHECK(passes(framed(v6(v4(ports(1, 2)), protocol)), ethernet));
        }
        for (const int port : {4789, 8472, 6081, 2152, 37008}) {
            CAPTURE(port);
            CHECK(passes(framed(v4(ports(40000, static_cast<std::uint16_t>(port)))), ethernet));
        }
        CHECK(passes(tagged(v4(ports(1, 2)), {0x8847}), ethernet));
        CHECK(passes(tagged(v4(ports(1, 2)), {0x8864}), ethernet));
        CHECK(passes(cooked(v4(ports(1, 2)), 0x8100), linux_sll));
        CHECK_FALSE(passes(framed(v4(ports(1, 2), {.protocol = 1})), ethernet));  // ICMP
        CHECK_FALSE(passes(tagged(v4(ports(5060, 2)), {0x0806}), ethernet));      // ARP
    }

    TEST_CASE("the user's part narrows, at every depth") {
        const Octets wanted = v4(ports(5060, 40000));
        CHECK(passes(framed(wanted), ethernet, "src host 192.0.2.1"));
        CHECK_FALSE(passes(framed(wanted), ethernet, "src host 192.0.2.9"));
        CHECK_FALSE(passes(framed(v4(ports(1, 2))), ethernet, "src host 192.0.2.1"));
        CHECK(passes(tagged(wanted, {0x8100, 0x0800}), ethernet, "vlan 100"));
        CHECK_FALSE(passes(tagged(wanted, {0x8100, 0x0800}), ethernet, "vlan 101"));
        CHECK_FALSE(passes(framed(wanted), ethernet, "vlan 100"));
    }

    TEST_CASE("without ports there is the user's part alone") {
        CHECK(kernel_filter({}, "", ethernet).empty());
        CHECK(kernel_filter({}, "udp", ethernet) == "udp");
    }
}
