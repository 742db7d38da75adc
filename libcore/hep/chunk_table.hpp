// The generic chunks (vendor ID 0) of the HEP3 specification, rev. 37, section "Generic chunk types",
// in one table.  A chunk has a member when hep::Message has a place for it; the others are kept
// verbatim in Message::extra, as every chunk of another vendor is, whatever its type.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------------------------------+-------------------------------+
//   |           vendor ID           |            type ID            |
//   +-------------------------------+-------------------------------+
//   |  length, these 6 included     |  value …
//   +-------------------------------+------
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hepcap::hep {

enum class ChunkType : std::uint16_t {
    ip_family = 0x0001,
    ip_protocol = 0x0002,
    ipv4_source = 0x0003,
    ipv4_destination = 0x0004,
    ipv6_source = 0x0005,
    ipv6_destination = 0x0006,
    source_port = 0x0007,
    destination_port = 0x0008,
    seconds = 0x0009,
    microseconds = 0x000a,
    protocol_type = 0x000b,
    capture_agent_id = 0x000c,
    keep_alive_timer = 0x000d,
    auth_key = 0x000e,
    payload = 0x000f,
    compressed_payload = 0x0010,
    correlation_id = 0x0011,
    vlan = 0x0012,
    capture_agent_name = 0x0013,
    source_mac = 0x0014,
    destination_mac = 0x0015,
    ethernet_type = 0x0016,
    tcp_flags = 0x0017,
    ip_tos = 0x0018,
    mos = 0x0020,
    r_factor = 0x0021,
    geo_location = 0x0022,
    jitter = 0x0023,
    transaction_type = 0x0024,
    payload_json_keys = 0x0025,
    tag_values = 0x0026,
    tag_type = 0x0027,
    event_type = 0x0028,
    group_id = 0x0029,
};

enum class ChunkKind : std::uint8_t { octets, u8, u16, u32, u64, inet4, inet6 };

struct ChunkInfo {
    ChunkType type;
    std::string_view name;
    ChunkKind kind;
    bool has_member;
};

inline constexpr std::array chunk_table{
    ChunkInfo{ChunkType::ip_family, "IP protocol family", ChunkKind::u8, true},
    ChunkInfo{ChunkType::ip_protocol, "IP protocol ID", ChunkKind::u8, true},
    ChunkInfo{ChunkType::ipv4_source, "IPv4 source address", ChunkKind::inet4, true},
    ChunkInfo{ChunkType::ipv4_destination, "IPv4 destination address", ChunkKind::inet4, true},
    ChunkInfo{ChunkType::ipv6_source, "IPv6 source address", ChunkKind::inet6, true},
    ChunkInfo{ChunkType::ipv6_destination, "IPv6 destination address", ChunkKind::inet6, true},
    ChunkInfo{ChunkType::source_port, "source port", ChunkKind::u16, true},
    ChunkInfo{ChunkType::destination_port, "destination port", ChunkKind::u16, true},
    ChunkInfo{ChunkType::seconds, "timestamp, seconds", ChunkKind::u32, true},
    ChunkInfo{ChunkType::microseconds, "timestamp, microseconds", ChunkKind::u32, true},
    ChunkInfo{ChunkType::protocol_type, "protocol type", ChunkKind::u8, true},
    ChunkInfo{ChunkType::capture_agent_id, "capture agent ID", ChunkKind::u32, true},
    ChunkInfo{ChunkType::keep_alive_timer, "keep alive timer", ChunkKind::u16, false},
    ChunkInfo{ChunkType::auth_key, "authenticate key", ChunkKind::octets, true},
    ChunkInfo{ChunkType::payload, "captured packet payload", ChunkKind::octets, true},
    ChunkInfo{ChunkType::compressed_payload, "captured compressed payload", ChunkKind::octets, true},
    ChunkInfo{ChunkType::correlation_id, "internal correlation id", ChunkKind::octets, true},
    ChunkInfo{ChunkType::vlan, "VLAN ID", ChunkKind::u16, true},
    ChunkInfo{ChunkType::capture_agent_name, "capture agent name", ChunkKind::octets, true},
    ChunkInfo{ChunkType::source_mac, "source MAC", ChunkKind::u64, false},
    ChunkInfo{ChunkType::destination_mac, "destination MAC", ChunkKind::u64, false},
    ChunkInfo{ChunkType::ethernet_type, "Ethernet type", ChunkKind::u16, false},
    ChunkInfo{ChunkType::tcp_flags, "TCP flags", ChunkKind::u8, false},
    ChunkInfo{ChunkType::ip_tos, "IP TOS", ChunkKind::u8, false},
    ChunkInfo{ChunkType::mos, "MOS value", ChunkKind::u16, false},
    ChunkInfo{ChunkType::r_factor, "R-Factor", ChunkKind::u16, false},
    ChunkInfo{ChunkType::geo_location, "geo location", ChunkKind::octets, false},
    ChunkInfo{ChunkType::jitter, "jitter", ChunkKind::u32, false},
    ChunkInfo{ChunkType::transaction_type, "transaction type", ChunkKind::octets, false},
    ChunkInfo{ChunkType::payload_json_keys, "payload JSON keys", ChunkKind::octets, false},
    ChunkInfo{ChunkType::tag_values, "tags' values", ChunkKind::octets, false},
    ChunkInfo{ChunkType::tag_type, "type of tag", ChunkKind::u16, false},
    ChunkInfo{ChunkType::event_type, "event type", ChunkKind::u16, false},
    ChunkInfo{ChunkType::group_id, "group ID", ChunkKind::octets, false},
};

// Octets of a value of that kind; 0 where any number is right.
constexpr std::size_t value_size(ChunkKind kind) {
    switch (kind) {
        case ChunkKind::octets: return 0;
        case ChunkKind::u8: return 1;
        case ChunkKind::u16: return 2;
        case ChunkKind::u32: return 4;
        case ChunkKind::u64: return 8;
        case ChunkKind::inet4: return 4;
        case ChunkKind::inet6: return 16;
    }
    return 0;
}

// The table turned round for the decoder: by type, what a chunk with a member must measure.
enum class Slot : std::uint8_t { none = 0xff, any_size = 0, exactly_1 = 1, exactly_16 = 16 };

inline constexpr std::size_t slot_count = static_cast<std::size_t>(ChunkType::capture_agent_name) + 1;
using SlotSizes = std::array<Slot, slot_count>;

// The 2013 draft (magic "EEP1") gives 0x0010 and 0x0011 another meaning, a 32-bit correlation id
// and an SS7 type.  Nobody is known to send them: they stay verbatim.
constexpr SlotSizes slots_of(bool is_draft) {
    SlotSizes sizes{};
    sizes.fill(Slot::none);
    for (const ChunkInfo& chunk : chunk_table) {
        if (!chunk.has_member) continue;
        sizes[static_cast<std::size_t>(chunk.type)] = static_cast<Slot>(value_size(chunk.kind));
    }
    if (is_draft) {
        sizes[static_cast<std::size_t>(ChunkType::compressed_payload)] = Slot::none;
        sizes[static_cast<std::size_t>(ChunkType::correlation_id)] = Slot::none;
    }
    return sizes;
}

inline constexpr SlotSizes hep3_slots = slots_of(false);
inline constexpr SlotSizes draft_slots = slots_of(true);

}  // namespace hepcap::hep
