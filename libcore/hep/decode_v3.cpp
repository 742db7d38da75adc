#include <algorithm>
#include <optional>

#include "base/cursor.hpp"
#include "hep/chunk_table.hpp"
#include "hep/decode_versions.hpp"
#include "hep/own_chunks.hpp"
#include "hep/wire.hpp"

namespace hepcap::hep {

namespace {

constexpr std::size_t chunk_header_size = 6;

// The values of the chunks that have a member, by type; the last of each.  What stands in a place
// is known only after put(): clearing 20 places for each message would buy nothing.
class Slots {
public:
    // False where one of that type was there before.
    bool put(std::size_t type, Bytes value) {
        const std::uint32_t bit = std::uint32_t{1} << type;
        const bool is_first = (seen_ & bit) == 0;
        seen_ |= bit;
        values_[type] = {value.data(), value.size()};
        return is_first;
    }
    bool has(ChunkType type) const { return (seen_ >> index(type) & 1) != 0; }
    Bytes value(ChunkType type) const {
        return has(type) ? Bytes{data(type), values_[index(type)].size} : Bytes{};
    }

    // Of the size that the table demands, when it is there at all; else 0.
    std::uint8_t u8(ChunkType type) const { return has(type) ? *data(type) : std::uint8_t{0}; }
    std::uint16_t u16(ChunkType type) const { return has(type) ? load_u16(data(type)) : std::uint16_t{0}; }
    std::uint32_t u32(ChunkType type) const { return has(type) ? load_u32(data(type)) : 0; }
    IpAddress v4(ChunkType type) const { return has(type) ? IpAddress::v4(data(type)) : IpAddress{}; }
    IpAddress v6(ChunkType type) const { return has(type) ? IpAddress::v6(data(type)) : IpAddress{}; }

private:
    struct Value {
        const std::uint8_t* data;
        std::size_t size;
    };

    static constexpr std::size_t index(ChunkType type) { return static_cast<std::size_t>(type); }
    const std::uint8_t* data(ChunkType type) const { return values_[index(type)].data; }

    std::uint32_t seen_ = 0;
    std::array<Value, slot_count> values_;
    static_assert(slot_count <= 32);
};

// Walks the chunks in `body` and puts each in its place: a slot, Message::extra, or nowhere.
std::optional<Refusal> take_chunks(Bytes body, const SlotSizes& sizes, Slots& slots, Message& out) {
    for (std::size_t count = 0; body.size() >= chunk_header_size; ++count) {
        if (count == Decoder::max_chunks) return Refusal::too_many_chunks;
        const std::uint16_t vendor_id = load_u16(body.data());
        const std::uint16_t type_id = load_u16(body.data() + 2);
        const std::size_t length = load_u16(body.data() + 4);
        if (length < chunk_header_size) return Refusal::chunk_length_below_header;
        if (length > body.size()) return Refusal::chunk_beyond_message;
        const Bytes value = body.subspan(chunk_header_size, length - chunk_header_size);
        body = body.subspan(length);

        const Slot slot = vendor_id == 0 && type_id < slot_count ? sizes[type_id] : Slot::none;
        if (slot == Slot::none) {
            if (vendor_id == 0 && type_id == 0) {
                out.notes.add(Note::chunk_type_zero);
            } else {
                out.extra.push_back({vendor_id, type_id, value});
            }
        } else if (slot != Slot::any_size && value.size() != static_cast<std::size_t>(slot)) {
            out.notes.add(Note::chunk_wrong_size);
        } else if (!slots.put(type_id, value)) {
            out.notes.add(Note::duplicate_chunk);
        }
    }
    if (!body.empty()) out.notes.add(Note::stray_chunk_bytes);
    return std::nullopt;
}

// Octets that a C sender may have ended with a NUL.
std::string_view text_of(Bytes value) {
    while (!value.empty() && value.back() == 0) value = value.first(value.size() - 1);
    return as_text(value);
}

// One end's address: the chunk that is there, or that of the family where both are.
IpAddress take_address(const Slots& slots, ChunkType v4, ChunkType v6, bool wants_v6, Notes& notes) {
    if (!slots.has(v6)) return slots.v4(v4);
    if (!slots.has(v4)) return slots.v6(v6);
    notes.add(Note::both_families);
    return wants_v6 ? slots.v6(v6) : slots.v4(v4);
}

// The address chunks decide; the family chunk is a hint, used only where an end has both kinds.
void take_addresses(const Slots& slots, Message& out) {
    const std::uint8_t family = slots.u8(ChunkType::ip_family);
    const bool wants_v6 = is_ipv6_family(family);
    IpAddress& source = out.source.address;
    IpAddress& destination = out.destination.address;
    source = take_address(slots, ChunkType::ipv4_source, ChunkType::ipv6_source, wants_v6, out.notes);
    destination =
        take_address(slots, ChunkType::ipv4_destination, ChunkType::ipv6_destination, wants_v6, out.notes);

    if (source.is_none() || destination.is_none()) {
        out.notes.add(Note::no_addresses);
    } else if (source.size() != destination.size()) {
        out.notes.add(Note::mixed_families);
    }
    if (!slots.has(ChunkType::ip_family)) {
        out.notes.add(Note::no_family);
        return;
    }
    const auto agrees = [&](const IpAddress& address) {
        return address.is_none() || (address.is_v6() ? wants_v6 : is_ipv4_family(family));
    };
    if (!agrees(source) || !agrees(destination)) out.notes.add(Note::family_mismatch);
}

void take_transport(const Slots& slots, Message& out) {
    out.source.port = slots.u16(ChunkType::source_port);
    out.destination.port = slots.u16(ChunkType::destination_port);
    if (!slots.has(ChunkType::ip_protocol)) {
        out.notes.add(Note::no_ip_protocol);
        return;
    }
    out.transport = transport_from_ip_protocol(slots.u8(ChunkType::ip_protocol));
    if (out.transport == Transport::none) out.notes.add(Note::unknown_ip_protocol);
}

void take_agent(const Slots& slots, Message& out) {
    out.has_capture_agent_id = slots.has(ChunkType::capture_agent_id);
    out.capture_agent_id = slots.u32(ChunkType::capture_agent_id);
    out.has_vlan = slots.has(ChunkType::vlan);
    out.vlan = slots.u16(ChunkType::vlan);
    out.capture_agent_name = text_of(slots.value(ChunkType::capture_agent_name));
    out.correlation_id = text_of(slots.value(ChunkType::correlation_id));
    out.auth_key = text_of(slots.value(ChunkType::auth_key));
}

bool is_printable(Bytes octets) {
    return std::all_of(octets.begin(), octets.end(), [](std::uint8_t c) {
        return (c >= 0x20 && c < 0x7f) || c == '\r' || c == '\n' || c == '\t';
    });
}

// Chunk 0x0010: the specification says "gzip/inflate"; senders use gzip, zlib, and nothing says
// that raw deflate and text left as it is will not come.  The content decides (RFC 1952, 2.3;
// RFC 1950, 2.2).
Result<Bytes, Refusal> decompress(Bytes value, Inflater& inflater) {
    constexpr std::size_t telling = 16;
    if (is_printable(value.first(std::min(value.size(), telling)))) return value;
    const bool is_zlib = value.size() >= 2 && (value[0] & 0x0f) == 8 && load_u16(value.data()) % 31 == 0;
    const Compression compression = is_gzip(value) ? Compression::gzip
                                    : is_zlib      ? Compression::zlib
                                                   : Compression::raw_deflate;
    const Result<Bytes, InflateFailure> plain = inflater.inflate(value, compression);
    if (plain) return *plain;
    return Unexpected{refusal_from(plain.error())};
}

std::optional<Refusal> take_payload(const Slots& slots, Inflater& inflater, Message& out) {
    out.payload = slots.value(ChunkType::payload);
    const Bytes compressed = slots.value(ChunkType::compressed_payload);
    if (!compressed.empty() && !out.payload.empty()) {
        out.notes.add(Note::compressed_ignored);
    } else if (!compressed.empty()) {
        const Result<Bytes, Refusal> plain = decompress(compressed, inflater);
        if (!plain) return plain.error();
        out.payload = *plain;
        out.notes.add(Note::compressed);
    }
    if (out.payload.empty()) out.notes.add(Note::no_payload);
    return std::nullopt;
}

void take_protocol_type(const Slots& slots, Message& out) {
    out.has_protocol_type = slots.has(ChunkType::protocol_type);
    if (out.has_protocol_type) {
        out.protocol_type = static_cast<ProtocolType>(slots.u8(ChunkType::protocol_type));
        return;
    }
    out.notes.add(Note::no_protocol_type);
    out.protocol_type = starts_like_sip(out.payload) ? ProtocolType::sip : ProtocolType::reserved;
}

void take_metadata(const Slots& slots, const capture::Datagram& carrier, Message& out) {
    take_addresses(slots, out);
    take_transport(slots, out);
    take_time(slots.u32(ChunkType::seconds), slots.u32(ChunkType::microseconds), carrier, out);
    take_agent(slots, out);
}

}  // namespace

// HEP3 (specification rev. 37, "HEP3 header"): the total length counts from the magic.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------------------------------------------------------+
//   |                        "HEP3" (magic)                         |
//   +-------------------------------+-------------------------------+
//   |         total length          |  chunks …
//   +-------------------------------+------
Outcome decode_v3(Bytes rest, const capture::Datagram& carrier, Inflater& inflater, Message& out) {
    start_message(carrier, 3, out);
    if (rest.size() < hep3_header_size) return Outcome::refused(unless_cut(Refusal::short_header, carrier));
    const std::string_view magic = as_text(rest.first(4));
    if (magic != "HEP3") out.notes.add(Note::alternate_magic);
    const SlotSizes& sizes = magic == "EEP1" ? draft_slots : hep3_slots;

    const std::size_t total = load_u16(rest.data() + 4);
    if (total < hep3_header_size) return Outcome::refused(Refusal::bad_total_length);
    Slots slots;
    if (total > rest.size()) {
        if (!carrier.is_cut) return Outcome::refused(Refusal::length_beyond_datagram);
        // What the cut-off chunk says does not matter any more: the refusal stands.
        take_chunks(rest.subspan(hep3_header_size), sizes, slots, out);
        take_metadata(slots, carrier, out);
        out.is_cut = true;
        return Outcome::refused(Refusal::truncated);
    }
    const Bytes body = rest.subspan(hep3_header_size, total - hep3_header_size);
    if (const auto refusal = take_chunks(body, sizes, slots, out)) return Outcome::refused(*refusal);
    take_metadata(slots, carrier, out);
    if (const auto refusal = take_payload(slots, inflater, out)) return Outcome::refused(*refusal);
    take_protocol_type(slots, out);

    const Bytes after = rest.subspan(total);
    const bool has_trailing = !after.empty() && !starts_with_magic(after);
    if (has_trailing) out.notes.add(Note::trailing_bytes);
    if (!out.extra.empty()) take_own_chunks(out);
    return Outcome::accepted(has_trailing ? rest.size() : total);
}

}  // namespace hepcap::hep
