// Packets of a network interface, through libpcap's ring in memory that the kernel fills (TPACKET_V3).
//
// Immediate mode stays off: it makes libpcap take TPACKET_V2, which wakes the reader for each packet.
// The kernel hands over a block of packets when it is full or `block_timeout_ms` old.
//
// Opening takes the capability cap_net_raw; reading does not: whoever opens drops it before the first
// packet is looked at.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/kernel_filter.hpp"
#include "capture/live_source.hpp"

struct pcap;

namespace hepcap::capture {

struct InterfaceOptions {
    std::string name;  // "any" is all of them
    std::uint32_t snaplen = 262144;
    std::uint32_t buffer_octets = 32U << 20;  // the ring
    bool is_promiscuous = false;
    bool has_nanoseconds = false;
    // What the kernel passes: see kernel_filter().
    std::vector<PortRange> ports;
    std::string extra_filter;

    static constexpr int block_timeout_ms = 20;
};

class InterfaceSource final : public LiveSource {
public:
    // Opens and starts.  Throws Error: no such interface, a wrong filter, no permission.
    explicit InterfaceSource(const InterfaceOptions& options);
    ~InterfaceSource() override;

    std::size_t read(const Take& take) override;
    void wait(int milliseconds) override;
    LiveCounts counts() override;
    std::uint32_t link_type() const override { return link_type_; }
    bool has_nanoseconds() const override { return has_nanoseconds_; }
    int delay_ms() const override { return InterfaceOptions::block_timeout_ms; }

    // Shares the interface's packets with other sources: each flow goes to one of them, fragments to
    // the one that has their datagram (PACKET_FANOUT_HASH with FLAG_DEFRAG: what comes is the datagram
    // put together again).  The first names no group and returns the one that the others join.
    int join_fanout(std::optional<int> group);

private:
    struct Reading;
    struct Close {
        void operator()(pcap* handle) const;
    };

    void activate(const InterfaceOptions& options);
    void set_filter(const InterfaceOptions& options);

    std::string name_;
    std::unique_ptr<pcap, Close> handle_;
    int fd_ = -1;
    std::uint32_t link_type_ = 0;
    bool has_nanoseconds_ = false;
    LiveCounts last_counts_;
};

struct InterfaceInfo {
    std::string name;
    std::string description;             // may be empty
    std::vector<std::string> addresses;  // as text
    bool is_up = false;
    bool is_loopback = false;
};

// All that can be captured on, in libpcap's order.  Throws Error.
std::vector<InterfaceInfo> list_interfaces();

// How to give what capturing takes, for sentences.
std::string_view permission_advice();

}  // namespace hepcap::capture
