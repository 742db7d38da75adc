#include "net/sender.hpp"

#include "net/stream_sender.hpp"
#include "net/udp_sender.hpp"

namespace hepcap::net {

std::unique_ptr<Sender> open_sender(const SocketAddress& address, SenderOptions options, Log& log) {
    if (address.is_stream()) return std::make_unique<StreamSender>(address, std::move(options), log);
    return std::make_unique<UdpSender>(address, std::move(options), log);
}

}  // namespace hepcap::net
