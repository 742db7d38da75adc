// Ports as the command line names them: "5060", "5060-5090", and with an address in front as Kamailio's
// raw_socket_listen has them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"

namespace hepcap::capture {

struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    bool contains(std::uint16_t port) const { return first <= port && port <= last; }

    friend bool operator==(const PortRange&, const PortRange&) = default;
};

// One port or a range; throws Error (usage).
PortRange parse_port_range(std::string_view text);

// One end is enough, as in the module; no ranges at all are every port.
bool is_any_port_in(std::span<const PortRange> ranges, std::uint16_t source, std::uint16_t destination);

// ADDRESS, ADDRESS:PORT, ADDRESS:PORT-PORT or :PORT…; IPv6 in brackets where a port follows.
struct RawListen {
    IpAddress address;             // none where not given
    std::vector<PortRange> ports;  // one, or none where not given
};

// Throws Error (usage).
RawListen parse_raw_listen(std::string_view text);

}  // namespace hepcap::capture
