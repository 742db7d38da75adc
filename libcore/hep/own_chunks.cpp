#include "hep/own_chunks.hpp"

#include <optional>
#include <utility>

#include "base/cursor.hpp"

namespace hepcap::hep {

namespace {

constexpr std::uint16_t own_vendor_id = 0x4843;

enum class OwnType : std::uint16_t {
    carried = 0x4801,
    notes = 0x4802,
    nanoseconds = 0x4803,
    transport = 0x4804,
    layers = 0x4805,
    copies = 0x4806,
    cut = 0x4807,
};

constexpr std::uint8_t had_protocol_type = 1;
constexpr std::uint8_t had_vlan = 2;

// Calls take(word) for each of "a,b,c"; false as soon as it returns false, or where there is none.
template <class Take>
bool for_each_word(std::string_view words, Take&& take) {
    while (true) {
        const std::size_t comma = words.find(',');
        if (!take(words.substr(0, comma))) return false;
        if (comma == std::string_view::npos) return true;
        words.remove_prefix(comma + 1);
    }
}

// Whether a note tells of the octets themselves, not of what an agent left out.
bool is_of_octets(Note note) { return note <= Note::duplicate_chunk || note == Note::compressed_ignored; }

Carried& carried_of(Message& message) {
    if (!message.carried)
        message.carried = {message.version, message.has_protocol_type, message.has_vlan, {}};
    return *message.carried;
}

bool take_carried(Bytes value, Message& message) {
    if (value.size() != 2 || value[0] > 3 || value[1] > (had_protocol_type | had_vlan)) return false;
    Carried& carried = carried_of(message);
    carried.version = value[0];
    carried.has_protocol_type = (value[1] & had_protocol_type) != 0;
    carried.has_vlan = (value[1] & had_vlan) != 0;
    return true;
}

bool take_notes(Bytes value, Message& message) {
    Notes notes;
    const bool all_known = for_each_word(as_text(value), [&](std::string_view word) {
        const std::optional<Note> note = note_from_name(word);
        if (note) notes.add(*note);
        return note.has_value();
    });
    if (all_known) carried_of(message).notes = notes;
    return all_known;
}

bool take_nanoseconds(Bytes value, Message& message) {
    if (value.size() != 2 || load_u16(value.data()) > 999 || !message.has_time) return false;
    const std::int64_t micros = message.time.nanosecond() / 1000;
    message.time = Timestamp::from_parts(message.time.second(), micros * 1000 + load_u16(value.data()));
    message.has_nanoseconds = true;
    return true;
}

bool take_transport(Bytes value, Message& message) {
    const Transport transport = transport_from_name(as_text(value));
    if (transport != Transport::ws && transport != Transport::wss) return false;
    message.transport = transport;
    return true;
}

bool take_layers(Bytes value, Message& message) {
    capture::Encap encap;
    const bool all_known = for_each_word(as_text(value), [&](std::string_view word) {
        const std::optional<capture::Layer> layer = capture::parse_layer(word);
        return layer && encap.push(*layer);
    });
    if (all_known) message.encap = encap;
    return all_known;
}

bool take_copies(Bytes value, Message& message) {
    if (value.size() != 4) return false;
    message.copies = load_u32(value.data());
    return true;
}

bool take(const Chunk& chunk, Message& message) {
    if (chunk.vendor_id != own_vendor_id) return false;
    switch (static_cast<OwnType>(chunk.type_id)) {
        case OwnType::carried: return take_carried(chunk.value, message);
        case OwnType::notes: return take_notes(chunk.value, message);
        case OwnType::nanoseconds: return take_nanoseconds(chunk.value, message);
        case OwnType::transport: return take_transport(chunk.value, message);
        case OwnType::layers: return take_layers(chunk.value, message);
        case OwnType::copies: return take_copies(chunk.value, message);
        case OwnType::cut: message.is_cut = message.is_cut || chunk.value.empty(); return chunk.value.empty();
    }
    return false;
}

template <class Write>
void append_chunk(OwnType type, ByteWriter& w, Write&& write_value) {
    const std::size_t start = w.size();
    w.u16(own_vendor_id);
    w.u16(static_cast<std::uint16_t>(type));
    w.u16(0);
    write_value();
    w.patch_u16(start + 4, static_cast<std::uint16_t>(w.size() - start));
}

// "a,b,c" into a chunk.
class WordWriter {
public:
    explicit WordWriter(ByteWriter& w) : w_(w) {}
    void add(std::string_view word) {
        if (!std::exchange(is_first_, false)) w_.u8(',');
        w_.append(as_bytes(word));
    }

private:
    ByteWriter& w_;
    bool is_first_ = true;
};

void append_carried(const Carried& carried, ByteWriter& w) {
    append_chunk(OwnType::carried, w, [&] {
        w.u8(carried.version);
        w.u8(static_cast<std::uint8_t>((carried.has_protocol_type ? had_protocol_type : 0) |
                                       (carried.has_vlan ? had_vlan : 0)));
    });
    if (carried.notes.empty()) return;
    append_chunk(OwnType::notes, w, [&] {
        WordWriter words(w);
        carried.notes.for_each([&](Note note) { words.add(note_name(note)); });
    });
}

void append_layers(const capture::Encap& encap, ByteWriter& w) {
    append_chunk(OwnType::layers, w, [&] {
        WordWriter words(w);
        for (const capture::Layer& layer : encap) {
            char text[capture::max_layer_text];
            words.add({text, capture::format(layer, text)});
        }
    });
}

}  // namespace

void take_own_chunks(Message& message) {
    std::erase_if(message.extra, [&](const Chunk& chunk) { return take(chunk, message); });
    if (!message.carried) return;
    message.notes.for_each([&](Note note) {
        if (is_of_octets(note)) message.carried->notes.add(note);
    });
}

void append_own_chunks(const Message& message, ByteWriter& w) {
    if (message.carried) append_carried(*message.carried, w);
    if (message.has_nanoseconds && message.has_time) {
        append_chunk(OwnType::nanoseconds, w,
                     [&] { w.u16(static_cast<std::uint16_t>(message.time.nanosecond() % 1000)); });
    }
    if (message.transport == Transport::ws || message.transport == Transport::wss) {
        append_chunk(OwnType::transport, w, [&] { w.append(as_bytes(name(message.transport))); });
    }
    if (!message.encap.empty()) append_layers(message.encap, w);
    if (message.copies > 0) append_chunk(OwnType::copies, w, [&] { w.u32(message.copies); });
    if (message.is_cut) append_chunk(OwnType::cut, w, [] {});
}

}  // namespace hepcap::hep
