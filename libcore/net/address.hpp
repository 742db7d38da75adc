// Where to listen and where to send: "udp:192.0.2.1:9060", "tcp:[2001:db8::1]:9060", "tls:hep.example.org".
// The text is taken apart first, without the network; names become addresses only in resolve().
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"

namespace hepcap::net {

inline constexpr std::uint16_t default_hep_port = 9060;

struct SocketAddress {
    enum class Protocol : std::uint8_t { udp, tcp, tls };

    Protocol protocol{};
    std::string host;  // a name or an address, IPv6 without its brackets
    std::uint16_t port = 0;

    bool is_stream() const { return protocol != Protocol::udp; }
    // As it is written on a command line, brackets and port included.
    std::string to_text() const;

    friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
};

std::string_view name(SocketAddress::Protocol protocol);
// How a record calls what came this way.
Transport transport_of(SocketAddress::Protocol protocol);

// PROTOCOL:HOST[:PORT]; throws Error (usage) that says what is wrong and how it should look.
SocketAddress parse_socket_address(std::string_view text, std::uint16_t default_port = default_hep_port);

// HOST[:PORT] for places where the protocol is fixed, e.g. "127.0.0.1:9096" of a page of metrics.
SocketAddress parse_host_and_port(SocketAddress::Protocol protocol, std::string_view text,
                                  std::uint16_t default_port);

// An address as the system calls take it.
struct ResolvedAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    int family() const { return storage.ss_family; }
};

enum class Purpose : std::uint8_t { listen, connect };

// All addresses of the host, in the order in which they should be tried; never empty.  May ask a name
// server, and wait for it.  Throws Error: usage for a name that does not exist, temporary where the
// name server does not answer.
std::vector<ResolvedAddress> resolve(const SocketAddress& address, Purpose purpose);

// An IPv6 address that stands for an IPv4 one (::ffff:192.0.2.1, as dual-stack sockets report it) comes
// out as the latter.  No endpoint for other families.
Endpoint endpoint_of(const sockaddr_storage& address);
ResolvedAddress resolved(const Endpoint& endpoint);

// "192.0.2.1:9060", "[2001:db8::1]:9060".
std::string to_text(const Endpoint& endpoint);

}  // namespace hepcap::net
