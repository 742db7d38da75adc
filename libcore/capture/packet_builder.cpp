#include "capture/packet_builder.hpp"

#include "base/byte_writer.hpp"

namespace hepcap::capture {

namespace {

constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::size_t mac_addresses_size = 12;
constexpr std::size_t udp_header_size = 8;
constexpr std::size_t tcp_header_size = 20;
constexpr std::size_t ipv4_header_size = 20;
constexpr std::size_t max_ip_size = 65535;

// RFC 1071: the sum of 16-bit words in ones' complement, not yet folded and inverted.
std::uint64_t sum_words(Bytes octets, std::uint64_t sum = 0) {
    std::size_t i = 0;
    for (; i + 1 < octets.size(); i += 2) sum += static_cast<std::uint64_t>(octets[i] << 8 | octets[i + 1]);
    if (i < octets.size()) sum += static_cast<std::uint64_t>(octets[i] << 8);
    return sum;
}

std::uint16_t checksum(std::uint64_t sum) {
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

void put_v6(ByteWriter& w, const IpAddress& address) {
    constexpr std::uint8_t zeros[16] = {};
    if (address.is_v6()) {
        w.append({address.data(), 16});
    } else if (address.is_none()) {
        w.append({zeros, 16});
    } else {
        w.append({zeros, 10});
        w.u16(0xffff);
        w.append({address.data(), 4});
    }
}

void put_v4(ByteWriter& w, const IpAddress& address) {
    if (address.is_none()) {
        w.u32(0);
    } else {
        w.append({address.data(), 4});
    }
}

}  // namespace

// Ethernet and IP headers (RFC 791, 3.1; RFC 8200, 3) for `size` octets of `protocol`; returns where
// those begin.
std::size_t PacketBuilder::begin(const Envelope& envelope, std::uint8_t protocol, std::size_t size) {
    packet_.assign(mac_addresses_size, 0);
    ByteWriter w(packet_);
    is_v6_ = envelope.source.address.is_v6() || envelope.destination.address.is_v6();
    if (envelope.has_vlan) {
        w.u16(0x8100);
        w.u16(envelope.vlan & 0x0fff);
    }
    w.u16(is_v6_ ? 0x86dd : 0x0800);
    const std::size_t ip = packet_.size();
    if (is_v6_) {
        w.u32(6U << 28);
        w.u16(static_cast<std::uint16_t>(size));
        w.u8(protocol);
        w.u8(64);
        addresses_ = packet_.size();
        put_v6(w, envelope.source.address);
        put_v6(w, envelope.destination.address);
    } else {
        w.u8(0x45);
        w.u8(0);
        w.u16(static_cast<std::uint16_t>(ipv4_header_size + size));
        w.u16(0);
        w.u16(0x4000);  // do not fragment: then the identification may be zero (RFC 6864)
        w.u8(64);
        w.u8(protocol);
        const std::size_t checksum_at = w.size();
        w.u16(0);
        addresses_ = packet_.size();
        put_v4(w, envelope.source.address);
        put_v4(w, envelope.destination.address);
        w.patch_u16(checksum_at, checksum(sum_words(Bytes(packet_).subspan(ip))));
    }
    return packet_.size();
}

// The checksum over pseudo header and transport (RFC 768, RFC 9293 3.1, RFC 8200 8.1).
void PacketBuilder::finish(std::size_t transport, std::size_t checksum_at, std::uint8_t protocol) {
    const Bytes all(packet_);
    const std::size_t size = all.size() - transport;
    std::uint64_t sum = protocol + static_cast<std::uint64_t>(size);
    sum = sum_words(all.subspan(addresses_, is_v6_ ? 32 : 8), sum);
    std::uint16_t value = checksum(sum_words(all.subspan(transport), sum));
    if (value == 0 && protocol == protocol_udp) value = 0xffff;  // zero would mean "none"
    packet_[checksum_at] = static_cast<std::uint8_t>(value >> 8);
    packet_[checksum_at + 1] = static_cast<std::uint8_t>(value);
}

Bytes PacketBuilder::build_udp(const Envelope& envelope, Bytes payload) {
    const std::size_t size = udp_header_size + payload.size();
    if (size > max_ip_size - ipv4_header_size) return {};
    const std::size_t start = begin(envelope, protocol_udp, size);
    ByteWriter w(packet_);
    w.u16(envelope.source.port);
    w.u16(envelope.destination.port);
    w.u16(static_cast<std::uint16_t>(size));
    w.u16(0);
    w.append(payload);
    finish(start, start + 6, protocol_udp);
    return packet_;
}

Bytes PacketBuilder::build_tcp(const Envelope& envelope, std::uint32_t sequence, std::uint32_t acknowledged,
                               Bytes payload) {
    const std::size_t start = begin(envelope, protocol_tcp, tcp_header_size + payload.size());
    ByteWriter w(packet_);
    w.u16(envelope.source.port);
    w.u16(envelope.destination.port);
    w.u32(sequence);
    w.u32(acknowledged);
    w.u16(0x5018);  // five words of header; PSH, ACK
    w.u16(0xffff);
    w.u16(0);
    w.u16(0);
    w.append(payload);
    finish(start, start + 16, protocol_tcp);
    return packet_;
}

}  // namespace hepcap::capture
