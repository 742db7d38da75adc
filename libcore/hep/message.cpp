#include "hep/message.hpp"

#include <array>

namespace hepcap::hep {

namespace {

struct NoteName {
    Note note;
    std::string_view name;
};

constexpr std::array note_names{
    NoteName{Note::trailing_bytes, "trailing-bytes"},
    NoteName{Note::stray_chunk_bytes, "stray-chunk-bytes"},
    NoteName{Note::alternate_magic, "alternate-magic"},
    NoteName{Note::chunk_type_zero, "chunk-type-zero"},
    NoteName{Note::chunk_wrong_size, "chunk-wrong-size"},
    NoteName{Note::duplicate_chunk, "duplicate-chunk"},
    NoteName{Note::no_family, "no-family"},
    NoteName{Note::family_mismatch, "family-mismatch"},
    NoteName{Note::mixed_families, "mixed-families"},
    NoteName{Note::both_families, "both-families"},
    NoteName{Note::no_ip_protocol, "no-ip-protocol"},
    NoteName{Note::unknown_ip_protocol, "unknown-ip-protocol"},
    NoteName{Note::no_protocol_type, "no-protocol-type"},
    NoteName{Note::no_addresses, "no-addresses"},
    NoteName{Note::no_time, "no-time"},
    NoteName{Note::microseconds_carried, "microseconds-carried"},
    NoteName{Note::far_time, "far-time"},
    NoteName{Note::no_payload, "no-payload"},
    NoteName{Note::compressed, "compressed"},
    NoteName{Note::compressed_ignored, "compressed-ignored"},
    NoteName{Note::compressed_frame, "compressed-frame"},
    NoteName{Note::not_sip, "not-sip"},
    NoteName{Note::nested_hep, "nested-hep"},
    NoteName{Note::no_padding, "no-padding"},
    NoteName{Note::big_endian_time, "big-endian-time"},
    NoteName{Note::odd_header_length, "odd-header-length"},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < note_names.size(); ++i) {
        if (note_names[i].note != static_cast<Note>(i)) return false;
    }
    return note_names.size() == static_cast<std::size_t>(Note::count_);
}
static_assert(in_order(), "one row for each note, in the order of the enumeration");

}  // namespace

// Member by member: this is done for each packet, and assigning a new Message would build one first.
void Message::clear() {
    version = 0;
    has_time = false;
    has_nanoseconds = false;
    is_cut = false;
    has_protocol_type = false;
    has_capture_agent_id = false;
    has_vlan = false;
    protocol_type = ProtocolType::sip;
    transport = Transport::none;
    vlan = 0;
    capture_agent_id = 0;
    time = {};
    source = {};
    destination = {};
    capture_agent_name = {};
    correlation_id = {};
    auth_key = {};
    payload = {};
    extra.clear();
    notes.clear();
    carried.reset();
    copies = 0;
    peer = {};
    encap.clear();
    origin = {};
}

std::optional<Note> note_from_name(std::string_view name) {
    for (const NoteName& row : note_names) {
        if (row.name == name) return row.note;
    }
    return std::nullopt;
}

std::string_view note_name(Note note) { return note_names[static_cast<std::size_t>(note)].name; }

}  // namespace hepcap::hep
