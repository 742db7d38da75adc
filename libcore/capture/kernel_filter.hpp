// The filter that the kernel runs for a mirror port, as text for pcap-filter(7).
//
// The module's filter is `udp and portrange A-B`; what such a filter silently loses is kept here: later
// fragments, which have no ports, IPv6 with extension headers, SIP over TCP and SCTP, and everything in
// a tunnel, whose ports lie deeper than a filter can look.  VLAN tags, one or two, are looked behind.
// So it passes more than the ports ask for, and never less.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "capture/port_range.hpp"

namespace hepcap::capture {

// The filter for packets of a link type: `extra` (-f) and, where `ports` is not empty, the built part.
// Empty where nothing is to be filtered.
std::string kernel_filter(std::span<const PortRange> ports, std::string_view extra, std::uint32_t link_type);

}  // namespace hepcap::capture
