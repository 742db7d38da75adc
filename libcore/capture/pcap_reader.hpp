// Classic savefiles (draft-ietf-opsawg-pcap): microseconds, nanoseconds and the "modified" format of
// 1999 with longer record headers, in both byte orders.
//
// Not by libpcap: the record's offset is needed, pcapng files with interfaces of different link types
// are to be read the same way, and a read that costs a few nanoseconds a packet is worth a file.
// What libpcap puts up with is put up with here: packets longer than the snaplen, lengths in the
// order of versions before 2.4, reserved bits set in the link type.
#pragma once

#include "capture/byte_stream.hpp"
#include "capture/damage.hpp"
#include "capture/packet.hpp"

namespace hepcap::capture {

class PcapReader {
public:
    // A captured packet may have this many octets, or the snaplen where that is more …
    static constexpr std::uint32_t usual_max_packet = 256 * 1024;
    // … and no snaplen may make it more than this.
    static constexpr std::uint32_t max_packet = 16 << 20;

    // `stream` stands at the file header, whose magic is known to be right, and outlives the reader.
    explicit PcapReader(ByteStream& stream);

    // Fills all of `packet` but origin.file; false at the end and at damage.
    bool next(Packet& packet);

    std::uint64_t packets() const { return frame_; }
    const Damage& damage() const { return damage_; }

private:
    bool stop(DamageCause cause, std::uint64_t value = 0);
    std::uint32_t u32(const std::uint8_t* p) const;
    std::uint16_t u16(const std::uint8_t* p) const;
    bool has_swapped_lengths(std::uint32_t captured, std::uint32_t original) const;

    ByteStream& stream_;
    bool is_big_endian_ = false;
    bool has_nanoseconds_ = false;
    std::uint16_t minor_version_ = 0;
    std::uint32_t ns_per_tick_ = 1000;
    std::uint32_t record_header_size_ = 16;
    std::uint32_t link_type_ = 0;
    std::uint32_t max_packet_ = usual_max_packet;
    std::uint64_t frame_ = 0;
    Damage damage_;
};

}  // namespace hepcap::capture
