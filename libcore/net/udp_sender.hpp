// HEP over UDP: a datagram a message, in batches of sendmmsg(2).
//
// UDP does not tell whether anybody listens, but a host that has nobody there says so by ICMP, and the
// kernel keeps what it said in the socket's error queue (IP_RECVERR, ip(7)).  It is read after each batch:
// as many datagrams as came back are sent again later, the last ones of the batch, since these left after
// the collector did.  That is exact on the own host, where the answer is there before sendmmsg returns;
// what comes back later from afar cannot be told apart any more, and is counted as refused.
//
// DF is not set: a SIP message longer than the path's MTU travels in fragments.
#pragma once

#include <sys/socket.h>

#include <array>
#include <vector>

#include "base/file_descriptor.hpp"
#include "net/absence.hpp"
#include "net/sender.hpp"

namespace hepcap::net {

class UdpSender final : public Sender {
public:
    static constexpr std::size_t longest_datagram = 65'507;  // IPv4; IPv6 has room for 20 more
    static constexpr std::size_t batch = 64;

    UdpSender(const SocketAddress& address, SenderOptions options, Log& log);

    void send(Bytes message) override;
    void flush() override;
    void close() override;

private:
    void send_batch();
    void take_failure(int cause);
    std::size_t take_errors();
    bool is_stopped() const { return options_.is_stopped && options_.is_stopped(); }

    SenderOptions options_;
    Absence absence_;
    FileDescriptor socket_;
    std::vector<std::uint8_t> octets_;  // of the batch, one message behind the other
    std::array<std::size_t, batch> sizes_{};
    std::size_t count_ = 0;  // in the batch
    std::size_t first_ = 0;  // of the batch that is still to be sent
    std::size_t full_ = 0;   // in a row that the kernel had no room
    int last_error_ = 0;     // from the error queue
};

}  // namespace hepcap::net
