// Sockets that wait for others: bound to an address of ours, or handed over by a service manager that
// bound them before we were started.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/file_descriptor.hpp"
#include "base/log.hpp"
#include "net/address.hpp"

namespace hepcap::net {

struct BoundSocket {
    FileDescriptor fd;
    SocketAddress::Protocol protocol{};
    Endpoint local;
    // It belongs to the service manager, which keeps it when we end: it must be left as it was found.
    bool is_handed_over = false;

    std::string to_text() const;
};

struct BindOptions {
    std::size_t receive_buffer = 0;       // octets; 0: as the system has it
    bool demands_receive_buffer = false;  // say it where the kernel gives less
    std::size_t copies = 1;            // sockets on the same address, among which the kernel spreads senders
    bool wants_local_address = false;  // UDP: tell for each datagram which of our addresses it was sent to
};

// Binds all addresses of the host; `copies` sockets each, in the order address 1 copy 1, address 1 copy 2 …
// All are non-blocking; TCP ones listen.  An IPv6 wildcard takes IPv4 as well, unless `is_v6_only`.
// A port 0 is chosen by the kernel, the same for all copies.  Throws Error naming address and cause;
// nobody else has the port when it returns, though the copies share it.
std::vector<BoundSocket> bind(const SocketAddress& address, const BindOptions& options, bool is_v6_only,
                              Log& log);

// Whether one of `sockets` has the address already; the wildcard of IPv4 also where that of IPv6 takes both.
bool is_bound(const SocketAddress& address, const std::vector<BoundSocket>& sockets);

// Where a socket stands on our side; nothing where it is none.
ResolvedAddress local_of(int fd);

// Asks for a receive buffer, as far as this process may; returns what the kernel gives, in octets of its
// own bookkeeping halved, so that it compares with what was asked for.
std::size_t enlarge_receive_buffer(int fd, std::size_t size);

// What sd_listen_fds(3) describes: `count` descriptors from 3 on, with names separated by colons.  A
// stream socket is TLS where its name is "tls".  Throws Error (usage) for what is no socket that can be
// listened on.
std::vector<BoundSocket> take_handed_over(int count, std::string_view names, const BindOptions& options);

}  // namespace hepcap::net
