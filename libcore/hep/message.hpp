// A HEP message: what an agent captured and says about it.  Everything that hepcap decodes becomes
// one of these: a HEP datagram is decoded into it, sniffed SIP is wrapped into it (`version` 0), as
// every agent does before it sends.  After that nobody asks where a message came from.
//
// Names are those of the HEP3 specification (rev. 37).  A view: it points into the datagram.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/flag_set.hpp"
#include "base/timestamp.hpp"
#include "capture/datagram.hpp"

namespace hepcap::hep {

// Payload protocol types (chunk 0x000b) that hepcap tells apart; all others travel as they are.
enum class ProtocolType : std::uint8_t {
    reserved = 0,
    sip = 1,
    rtcp_json = 5,
    qos_json = 32,  // unofficial; Kamailio stores it as a report
    mos_full = 34,
    mos_short = 35,
    qos_ipfix = 38,  // unofficial: horaclifix QoS JSON
    vq_report = 99,  // unofficial: RTCP-XR body of a PUBLISH
    log = 100,       // unofficial, the de-facto standard for text
};

// A chunk that has no member of its own below, kept verbatim under (vendor ID, type ID).
struct Chunk {
    std::uint16_t vendor_id = 0;
    std::uint16_t type_id = 0;
    Bytes value;
};

// What a decoder put up with.  Each has a word for the record's `parse` array; see note_name().
enum class Note : std::uint8_t {
    trailing_bytes,     // octets after the message's total length
    stray_chunk_bytes,  // one to five octets after the last chunk
    alternate_magic,    // "EEP1" or "EEP3" in place of "HEP3"
    chunk_type_zero,
    chunk_wrong_size,  // a fixed-size chunk of another size: left out
    duplicate_chunk,   // the last one wins
    no_family,
    family_mismatch,  // the family chunk says one thing, the addresses another
    mixed_families,   // source and destination of different families
    both_families,    // IPv4 and IPv6 addresses for one end: the family chunk decides
    no_ip_protocol,
    unknown_ip_protocol,
    no_protocol_type,
    no_addresses,
    no_time,               // the packet's own time is used
    microseconds_carried,  // a fraction of a second or more
    far_time,              // years away from the time of the packet that carried it
    no_payload,
    compressed,          // payload came in chunk 0x0010
    compressed_ignored,  // a plain payload was there too
    compressed_frame,    // the HEP message as a whole was gzip-compressed
    not_sip,             // says SIP, is something else
    nested_hep,          // the payload is HEP itself: an agent captured its own sending
    no_padding,          // HEP2 time block of 10 octets
    big_endian_time,     // HEP2 time block in network order
    odd_header_length,   // HEP1/2 header length octet is none of 16, 28, 40, 52
    count_,
};

std::string_view note_name(Note note);
std::optional<Note> note_from_name(std::string_view name);

using Notes = FlagSet<Note>;

// How a message that is sent on came to the one who sends it.
struct Carried {
    std::uint8_t version = 0;  // of HEP; 0 = not carried in HEP
    bool has_protocol_type = false;
    bool has_vlan = false;
    Notes notes;
};

struct Message {
    std::uint8_t version = 0;  // 1, 2, 3; 0 = not carried in HEP
    bool has_time = false;     // time below came with the message, not from the packet
    bool has_nanoseconds = false;
    bool is_cut = false;  // the snaplen took the end of the payload away
    bool has_protocol_type = false;
    bool has_capture_agent_id = false;
    bool has_vlan = false;
    ProtocolType protocol_type = ProtocolType::sip;  // any octet may stand here
    Transport transport = Transport::none;
    std::uint16_t vlan = 0;
    std::uint32_t capture_agent_id = 0;  // chunk 0x000c
    Timestamp time;
    Endpoint source;
    Endpoint destination;
    std::string_view capture_agent_name;  // chunk 0x0013
    std::string_view correlation_id;      // chunk 0x0011
    std::string_view auth_key;            // chunk 0x000e; never written to a record
    Bytes payload;
    std::vector<Chunk> extra;  // keeps its memory from message to message
    Notes notes;
    std::optional<Carried> carried;  // where it differs from how it comes here
    std::uint32_t copies = 0;        // duplicates that were dropped

    // The datagram that carried it; for HEP its source is the agent's own address.
    Endpoint peer;
    capture::Encap encap;
    capture::Origin origin;

    // Makes it as new; only the memory of `extra` stays.
    void clear();
};

}  // namespace hepcap::hep
