// What is wrong with a capture file, as a value; file_source makes the sentence of it.  Everything
// before the damage has been handed out when a reader reports it.
#pragma once

#include <cstdint>

namespace hepcap::capture {

enum class DamageCause : std::uint8_t {
    none,
    cut_file_header,
    unsupported_version,  // `value`: major << 16 | minor
    cut_packet,
    packet_too_long,    // `value`: the captured length it claims
    cut_block,          // pcapng from here on
    bad_block_length,   // `value`: the length it claims
    block_ends_differ,  // the length before and behind a block are not the same
    bad_section_header,
    bad_interface,
    too_many_interfaces,  // `value`: how many there may be
    left_out,             // `value`: packet blocks whose content is wrong; the others were read
};

struct Damage {
    DamageCause cause = DamageCause::none;
    std::uint64_t offset = 0;  // in the uncompressed file
    std::uint64_t frame = 0;   // the packet that is damaged, where it is one
    std::uint64_t value = 0;   // see the cause
};

}  // namespace hepcap::capture
