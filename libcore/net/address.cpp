#include "net/address.hpp"

#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <charconv>
#include <memory>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "base/nearest.hpp"

namespace hepcap::net {

namespace {

constexpr std::array<std::string_view, 3> protocol_names{"udp", "tcp", "tls"};
constexpr std::string_view form = "write it as udp:192.0.2.1:9060 or tls:[2001:db8::1]:9061";
constexpr std::string_view bare_form = "write it as 127.0.0.1:9160 or [2001:db8::1]:9160";
constexpr std::size_t longest_host = 253;  // RFC 1035, 2.3.4, without the root's octet

[[noreturn]] void refuse(std::string_view text, std::string_view what) {
    throw Error(fmt::format("{} {}", excerpt(text, 80), what), ExitCode::usage);
}

SocketAddress::Protocol parse_protocol(std::string_view word, std::string_view whole) {
    for (std::size_t i = 0; i < protocol_names.size(); ++i) {
        if (protocol_names[i] == word) return static_cast<SocketAddress::Protocol>(i);
    }
    const std::string hint = did_you_mean(word, protocol_names);
    refuse(whole, hint.empty() ? fmt::format("does not begin with udp:, tcp: or tls:; {}", form)
                               : fmt::format("begins with no protocol{}", hint));
}

std::uint16_t parse_port(std::string_view digits, std::string_view whole, std::string_view way) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        refuse(whole, fmt::format("has no port from 0 to 65535 at its end; {}", way));
    }
    return port;
}

// A name server is asked for nothing that cannot be a name, and nothing unprintable gets into messages.
bool may_be_host(std::string_view host) {
    if (host.empty() || host.size() > longest_host) return false;
    for (const char c : host) {
        const bool is_fit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                            c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
        if (!is_fit) return false;
    }
    return true;
}

SocketAddress parse_rest(SocketAddress::Protocol protocol, std::string_view rest, std::string_view whole,
                         std::uint16_t default_port) {
    SocketAddress address;
    address.protocol = protocol;
    address.port = default_port;
    const std::string_view way = rest.size() == whole.size() ? bare_form : form;
    std::string_view host = rest;
    std::string_view port;
    bool has_port = false;
    if (rest.starts_with('[')) {
        const std::size_t close = rest.find(']');
        if (close == rest.npos) refuse(whole, "has a bracket that is not closed");
        host = rest.substr(1, close - 1);
        if (host.find(':') == host.npos) refuse(whole, "has in its brackets no IPv6 address");
        port = rest.substr(close + 1);
        has_port = !port.empty();
        if (has_port && !port.starts_with(':'))
            refuse(whole, fmt::format("goes on after the bracket; {}", way));
    } else if (const std::size_t colon = rest.find(':'); colon != rest.npos) {
        if (rest.find(':', colon + 1) != rest.npos)
            refuse(whole, fmt::format("has an IPv6 address without brackets; {}", way));
        host = rest.substr(0, colon);
        port = rest.substr(colon);
        has_port = true;
    }
    if (!may_be_host(host)) refuse(whole, fmt::format("names no host; {}", way));
    if (has_port) address.port = parse_port(port.substr(1), whole, way);
    address.host = host;
    return address;
}

std::string bracketed(std::string_view host) {
    return host.find(':') == host.npos ? std::string(host) : fmt::format("[{}]", host);
}

}  // namespace

std::string_view name(SocketAddress::Protocol protocol) {
    return protocol_names[static_cast<std::size_t>(protocol)];
}

Transport transport_of(SocketAddress::Protocol protocol) {
    switch (protocol) {
        case SocketAddress::Protocol::udp: return Transport::udp;
        case SocketAddress::Protocol::tcp: return Transport::tcp;
        case SocketAddress::Protocol::tls: return Transport::tls;
    }
    return Transport::none;
}

std::string SocketAddress::to_text() const {
    return fmt::format("{}:{}:{}", name(protocol), bracketed(host), port);
}

SocketAddress parse_socket_address(std::string_view text, std::uint16_t default_port) {
    const std::size_t colon = text.find(':');
    if (colon == text.npos) refuse(text, fmt::format("does not begin with udp:, tcp: or tls:; {}", form));
    const SocketAddress::Protocol protocol = parse_protocol(text.substr(0, colon), text);
    return parse_rest(protocol, text.substr(colon + 1), text, default_port);
}

SocketAddress parse_host_and_port(SocketAddress::Protocol protocol, std::string_view text,
                                  std::uint16_t default_port) {
    return parse_rest(protocol, text, text, default_port);
}

std::vector<ResolvedAddress> resolve(const SocketAddress& address, Purpose purpose) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = address.is_stream() ? SOCK_STREAM : SOCK_DGRAM;
    hints.ai_flags = AI_NUMERICSERV | (purpose == Purpose::listen ? AI_PASSIVE : 0);
    addrinfo* list = nullptr;
    const int status =
        ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &list);
    const int cause = errno;
    if (status != 0) {
        throw Error(fmt::format("cannot find the address of '{}': {}", address.host,
                                status == EAI_SYSTEM ? errno_text(cause) : ::gai_strerror(status)),
                    status == EAI_AGAIN ? ExitCode::temporary : ExitCode::usage);
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, ::freeaddrinfo);
    std::vector<ResolvedAddress> found;
    for (const addrinfo* entry = list; entry; entry = entry->ai_next) {
        if (entry->ai_addrlen > sizeof(sockaddr_storage)) continue;
        ResolvedAddress one;
        std::memcpy(&one.storage, entry->ai_addr, entry->ai_addrlen);
        one.size = entry->ai_addrlen;
        found.push_back(one);
    }
    if (found.empty())
        throw Error(fmt::format("'{}' has no address of a known family", address.host), ExitCode::usage);
    return found;
}

Endpoint endpoint_of(const sockaddr_storage& address) {
    Endpoint endpoint;
    if (address.ss_family == AF_INET) {
        sockaddr_in v4;
        std::memcpy(&v4, &address, sizeof v4);
        endpoint.address = IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&v4.sin_addr));
        endpoint.port = ntohs(v4.sin_port);
    } else if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6;
        std::memcpy(&v6, &address, sizeof v6);
        const std::uint8_t* const octets = v6.sin6_addr.s6_addr;
        constexpr std::size_t mapped_prefix = 12;  // RFC 4291, 2.5.5.2
        endpoint.address = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) ? IpAddress::v4(octets + mapped_prefix)
                                                               : IpAddress::v6(octets);
        endpoint.port = ntohs(v6.sin6_port);
    }
    return endpoint;
}

ResolvedAddress resolved(const Endpoint& endpoint) {
    ResolvedAddress out;
    if (endpoint.address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&v4.sin_addr, endpoint.address.data(), sizeof v4.sin_addr);
        std::memcpy(&out.storage, &v4, sizeof v4);
        out.size = sizeof v4;
    } else if (endpoint.address.is_v6()) {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(endpoint.port);
        std::memcpy(&v6.sin6_addr, endpoint.address.data(), sizeof v6.sin6_addr);
        std::memcpy(&out.storage, &v6, sizeof v6);
        out.size = sizeof v6;
    }
    return out;
}

std::string to_text(const Endpoint& endpoint) {
    return fmt::format("{}:{}", bracketed(endpoint.address.to_text()), endpoint.port);
}

}  // namespace hepcap::net
