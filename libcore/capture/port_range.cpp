#include "capture/port_range.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/error.hpp"
#include "base/network.hpp"

namespace hepcap::capture {

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

[[noreturn]] void refuse_listen(std::string_view text) {
    throw Error(fmt::format("'{}' is no address to capture for; write 192.0.2.1, 192.0.2.1:5060, "
                            "192.0.2.1:5060-5090, :5060 or [2001:db8::1]:5060",
                            text),
                ExitCode::usage);
}

}  // namespace

PortRange parse_port_range(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto first = parse_port(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
    if (!first || !last) {
        throw Error(fmt::format("'{}' is no port and no range of ports; write 5060 or 5060-5090", text),
                    ExitCode::usage);
    }
    if (*first > *last) {
        throw Error(
            fmt::format("the range of ports '{}' ends before it begins; write {}-{}", text, *last, *first),
            ExitCode::usage);
    }
    return {*first, *last};
}

bool is_any_port_in(std::span<const PortRange> ranges, std::uint16_t source, std::uint16_t destination) {
    return ranges.empty() || std::any_of(ranges.begin(), ranges.end(), [=](const PortRange& range) {
               return range.contains(source) || range.contains(destination);
           });
}

RawListen parse_raw_listen(std::string_view text) {
    RawListen listen;
    listen.address = parse_ip_address(text);
    if (!listen.address.is_none()) return listen;
    // The last colon, as the module does.
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) refuse_listen(text);
    const std::string_view host = text.substr(0, colon);
    if (!host.empty()) {
        listen.address = parse_ip_address(host);
        // 2001:db8::1:5060 could be an address or an address and a port.
        const bool is_bare_v6 = listen.address.is_v6() && !host.starts_with('[');
        if (listen.address.is_none() || is_bare_v6) refuse_listen(text);
    }
    listen.ports.push_back(parse_port_range(text.substr(colon + 1)));
    return listen;
}

}  // namespace hepcap::capture
