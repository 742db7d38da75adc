// The end of a tunnel: IP in IP (protocol 4) and IPv6 in IP (protocol 41) that is sent to this machine,
// with the outer header taken off, as Kamailio's sipcapture does in its IPIP mode.
//
// Raw sockets of IP, not of an interface: the kernel has put outer fragments together and handed over
// what was for this machine only.  Where the module takes the outer header for 20 octets, its length
// is believed; where the module looks at inner IPv4 alone, inner IPv6 comes, too.  An outer header
// that makes no sense, or nothing behind it, is counted and dropped.
//
// Several sources on the same address each get every packet: for several workers one source is
// copied (`share`), and its sockets are read in turn.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "capture/live_source.hpp"
#include "capture/port_range.hpp"

namespace hepcap::capture {

struct IpipOptions {
    IpAddress address;      // the tunnel's end; none: every address of this machine
    std::string interface;  // where not empty, only what came in there
    std::uint32_t snaplen = 262144;
    int buffer_octets = 32 << 20;
    bool has_nanoseconds = false;
};

class IpipSource final : public LiveSource {
public:
    // Throws Error: no permission, an address that is not this machine's.
    explicit IpipSource(const IpipOptions& options);
    ~IpipSource() override;

    // Another reader of the same sockets, for another thread.
    std::unique_ptr<IpipSource> share() const;

    std::size_t read(const Take& take) override;
    void wait(int milliseconds) override;
    LiveCounts counts() override;
    std::uint32_t link_type() const override;
    bool has_nanoseconds() const override { return options_.has_nanoseconds; }
    int delay_ms() const override { return 0; }

    // Packets whose outer header made no sense.
    std::uint64_t malformed() const { return malformed_; }

private:
    struct Socket;
    struct Batch;
    using Sockets = std::vector<std::unique_ptr<Socket>>;

    IpipSource(const IpipOptions& options, std::shared_ptr<Sockets> sockets, bool is_counting);

    std::size_t read_socket(Socket& socket, const Take& take, bool& is_wanted);
    bool make_packet(Socket& socket, std::size_t i, Packet& packet);

    IpipOptions options_;
    std::shared_ptr<Sockets> sockets_;
    bool is_counting_;  // one of those that share counts for all
    std::unique_ptr<Batch> batch_;
    std::uint64_t received_ = 0;
    std::uint64_t malformed_ = 0;
};

}  // namespace hepcap::capture
