#include "capture/kernel_filter.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace hepcap::capture {

namespace {

constexpr std::uint32_t ethernet = 1;
constexpr std::uint32_t linux_sll = 113;
constexpr std::uint32_t linux_sll2 = 276;

// What has no ports where the filter looks for them.
constexpr std::string_view without_ports =
    // Later fragments of IPv4; the first one has ports.
    "(ip[6:2] & 0x1fff != 0)"
    // Extension headers of IPv6, fragments among them: the filter does not walk them.
    " or (ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 51 or ip6[6] = 60)"
    // IP in IP, IPv6 in IP, GRE, the Authentication Header, Ethernet in IP, MPLS in IP.
    " or ip proto 4 or ip proto 41 or ip proto 47 or ip proto 51 or ip proto 97 or ip proto 137"
    " or ip6 proto 4 or ip6 proto 41 or ip6 proto 47 or ip6 proto 97 or ip6 proto 137"
    // VXLAN and its older port, Geneve, GTP-U, TZSP.
    " or udp dst port 4789 or udp dst port 8472 or udp dst port 6081 or udp dst port 2152"
    " or udp dst port 37008";

// PPPoE sessions and MPLS; and VLAN tags deeper than the filter looks behind, of every number in use.
constexpr std::string_view shims =
    " or ether proto 0x8864 or ether proto 0x8847 or ether proto 0x8848"
    " or ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100";
constexpr std::string_view shims_without_vlan =
    " or ether proto 0x8864 or ether proto 0x8847 or ether proto 0x8848 or ether proto 0x9100";

std::string built(std::span<const PortRange> ports, std::uint32_t link_type) {
    std::vector<std::string> ranges;
    for (const PortRange& range : ports) {
        ranges.push_back(range.first == range.last ? fmt::format("port {}", range.first)
                                                   : fmt::format("portrange {}-{}", range.first, range.last));
    }
    std::string plain = fmt::format("{} or {}", fmt::join(ranges, " or "), without_ports);
    if (link_type == ethernet) {
        // Each `vlan` moves what follows it by one tag: nested, the inner one is looked for behind an
        // outer one only.
        const std::string here = plain + std::string(shims_without_vlan);
        const std::string deepest = plain + std::string(shims);
        return fmt::format("{0} or (vlan and ({0} or (vlan and ({1}))))", here, deepest);
    }
    // The cooked headers have no place for a tag: a tagged packet shows its EtherType.
    if (link_type == linux_sll || link_type == linux_sll2) return plain + std::string(shims);
    return plain;
}

}  // namespace

std::string kernel_filter(std::span<const PortRange> ports, std::string_view extra, std::uint32_t link_type) {
    if (ports.empty()) return std::string(extra);
    std::string ours = built(ports, link_type);
    if (extra.empty()) return ours;
    // The user's part comes first: behind ours it would be looked for behind two VLAN tags.
    return fmt::format("({}) and ({})", extra, ours);
}

}  // namespace hepcap::capture
