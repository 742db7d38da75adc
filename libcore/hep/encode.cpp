#include "hep/encode.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/byte_writer.hpp"
#include "hep/chunk_table.hpp"
#include "hep/decode.hpp"
#include "hep/own_chunks.hpp"
#include "hep/recognise.hpp"
#include "hep/wire.hpp"

namespace hepcap::hep {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Misfit::count_)> misfit_names{
    "too-long",       "too-many-chunks", "time-out-of-range", "no-addresses",
    "mixed-families", "no-transport",    "not-sip",           "agent-id-too-large",
};
static_assert(!misfit_names.back().empty(), "one name for each misfit");

struct WireTime {
    std::uint32_t seconds = 0;  // 0: not known
    std::uint32_t microseconds = 0;
};

std::optional<WireTime> wire_time(const Message& message) {
    if (!message.has_time) return WireTime{};
    const std::int64_t second = message.time.second();
    if (second <= 0 || second > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return WireTime{static_cast<std::uint32_t>(second), message.time.nanosecond() / 1000};
}

std::uint8_t family_of(const IpAddress& address) { return address.is_v6() ? family_ipv6 : family_ipv4; }

Bytes octets_of(const IpAddress& address) { return {address.data(), address.size()}; }

std::optional<Misfit> fixed_misfit(const Message& message) {
    // Receivers know HEP1 and HEP2 by the SIP in them, so that nothing else may be in them.
    if (message.protocol_type != ProtocolType::sip || !starts_like_sip(message.payload))
        return Misfit::not_sip;
    if (message.source.address.is_none() || message.destination.address.is_none())
        return Misfit::no_addresses;
    if (message.source.address.size() != message.destination.address.size()) return Misfit::mixed_families;
    if (message.transport == Transport::none) return Misfit::no_transport;
    return std::nullopt;
}

// The header that HEP1 and HEP2 share; drawn in decode_v1v2.cpp.
void append_fixed_header(std::uint8_t version, const Message& message, ByteWriter& w) {
    const std::size_t header_size = fixed_header_size + 2 * message.source.address.size();
    w.u8(version);
    w.u8(static_cast<std::uint8_t>(header_size));
    w.u8(family_of(message.source.address));
    w.u8(ip_protocol_from_transport(message.transport));
    w.u16(message.source.port);
    w.u16(message.destination.port);
    w.append(octets_of(message.source.address));
    w.append(octets_of(message.destination.address));
}

// Writes chunks and remembers whether one was too long for its length field.
class ChunkWriter {
public:
    explicit ChunkWriter(ByteWriter& w) : w_(w) {}

    bool fits() const { return fits_; }

    void u8(ChunkType type, std::uint8_t value) {
        header(0, type, 1);
        w_.u8(value);
    }
    void u16(ChunkType type, std::uint16_t value) {
        header(0, type, 2);
        w_.u16(value);
    }
    void u32(ChunkType type, std::uint32_t value) {
        header(0, type, 4);
        w_.u32(value);
    }
    void octets(ChunkType type, Bytes value) {
        if (!value.empty()) chunk(0, static_cast<std::uint16_t>(type), value);
    }
    void chunk(std::uint16_t vendor_id, std::uint16_t type_id, Bytes value) {
        header(vendor_id, static_cast<ChunkType>(type_id), value.size());
        if (fits_) w_.append(value);
    }

    void own(const Message& message) { append_own_chunks(message, w_); }

private:
    void header(std::uint16_t vendor_id, ChunkType type, std::size_t size) {
        constexpr std::size_t header_size = 6;
        if (size > std::numeric_limits<std::uint16_t>::max() - header_size) fits_ = false;
        w_.u16(vendor_id);
        w_.u16(static_cast<std::uint16_t>(type));
        w_.u16(static_cast<std::uint16_t>(size + header_size));
    }

    ByteWriter& w_;
    bool fits_ = true;
};

void append_address(const IpAddress& address, ChunkType v4, ChunkType v6, ChunkWriter& chunks) {
    chunks.octets(address.is_v6() ? v6 : v4, octets_of(address));
}

void append_chunks(const Message& message, WireTime time, Bytes compressed, ChunkWriter& chunks) {
    const IpAddress& source = message.source.address;
    const IpAddress& destination = message.destination.address;
    if (!source.is_none() || !destination.is_none()) {
        chunks.u8(ChunkType::ip_family, family_of(source.is_none() ? destination : source));
    }
    // 0 where it is not known, and never left out: there are collectors that count on this chunk.
    chunks.u8(ChunkType::ip_protocol, ip_protocol_from_transport(message.transport));
    append_address(source, ChunkType::ipv4_source, ChunkType::ipv6_source, chunks);
    append_address(destination, ChunkType::ipv4_destination, ChunkType::ipv6_destination, chunks);
    chunks.u16(ChunkType::source_port, message.source.port);
    chunks.u16(ChunkType::destination_port, message.destination.port);
    if (message.has_time) {
        chunks.u32(ChunkType::seconds, time.seconds);
        chunks.u32(ChunkType::microseconds, time.microseconds);
    }
    // Only HEP3 can leave the protocol type out; all else is SIP without saying so.
    if (message.has_protocol_type || message.version != 3) {
        chunks.u8(ChunkType::protocol_type, static_cast<std::uint8_t>(message.protocol_type));
    }
    if (message.has_capture_agent_id) chunks.u32(ChunkType::capture_agent_id, message.capture_agent_id);
    chunks.octets(ChunkType::correlation_id, as_bytes(message.correlation_id));
    chunks.octets(ChunkType::auth_key, as_bytes(message.auth_key));
    if (message.has_vlan) chunks.u16(ChunkType::vlan, message.vlan);
    chunks.octets(ChunkType::capture_agent_name, as_bytes(message.capture_agent_name));
    for (const Chunk& extra : message.extra) chunks.chunk(extra.vendor_id, extra.type_id, extra.value);
    chunks.own(message);
    if (compressed.empty()) {
        chunks.octets(ChunkType::payload, message.payload);
    } else {
        chunks.octets(ChunkType::compressed_payload, compressed);
    }
}

// Only a message of the 2013 draft has these two verbatim, and only under its magic do they keep
// their meaning.
bool is_draft(const Message& message) {
    return std::any_of(message.extra.begin(), message.extra.end(), [](const Chunk& chunk) {
        return chunk.vendor_id == 0 &&
               (chunk.type_id == static_cast<std::uint16_t>(ChunkType::compressed_payload) ||
                chunk.type_id == static_cast<std::uint16_t>(ChunkType::correlation_id));
    });
}

}  // namespace

std::string_view misfit_name(Misfit misfit) { return misfit_names[static_cast<std::size_t>(misfit)]; }

Result<std::size_t, Misfit> encode_v1(const Message& message, std::vector<std::uint8_t>& out) {
    if (const auto misfit = fixed_misfit(message)) return Unexpected{*misfit};
    ByteWriter w(out);
    append_fixed_header(1, message, w);
    w.append(message.payload);
    return w.size();
}

Result<std::size_t, Misfit> encode_v2(const Message& message, std::vector<std::uint8_t>& out) {
    if (const auto misfit = fixed_misfit(message)) return Unexpected{*misfit};
    if (message.capture_agent_id > std::numeric_limits<std::uint16_t>::max())
        return Unexpected{Misfit::agent_id_too_large};
    const std::optional<WireTime> time = wire_time(message);
    if (!time) return Unexpected{Misfit::time_out_of_range};
    ByteWriter w(out);
    append_fixed_header(2, message, w);
    w.u32_le(time->seconds);
    w.u32_le(time->microseconds);
    w.u16_le(static_cast<std::uint16_t>(message.capture_agent_id));
    w.u16(0);
    w.append(message.payload);
    return w.size();
}

Result<std::size_t, Misfit> encode_v3(const Message& message, std::vector<std::uint8_t>& out) {
    return encode_v3_compressed(message, {}, out);
}

Result<std::size_t, Misfit> encode_v3_compressed(const Message& message, Bytes compressed,
                                                 std::vector<std::uint8_t>& out) {
    constexpr std::size_t most_extra = Decoder::max_chunks - slot_count - most_own_chunks;
    constexpr std::size_t longest = std::numeric_limits<std::uint16_t>::max();
    if (message.extra.size() > most_extra) return Unexpected{Misfit::too_many_chunks};
    const std::optional<WireTime> time = wire_time(message);
    if (!time) return Unexpected{Misfit::time_out_of_range};

    ByteWriter w(out);
    // The draft gives chunk 0x0010 another meaning.
    if (is_draft(message)) compressed = {};
    w.append(as_bytes(is_draft(message) ? "EEP1" : "HEP3"));
    w.u16(0);
    ChunkWriter chunks(w);
    append_chunks(message, *time, compressed, chunks);
    if (!chunks.fits() || w.size() > longest) {
        w.rollback();
        return Unexpected{Misfit::too_long};
    }
    w.patch_u16(4, static_cast<std::uint16_t>(w.size()));
    return w.size();
}

}  // namespace hepcap::hep
