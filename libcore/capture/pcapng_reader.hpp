// pcapng (draft-ietf-opsawg-pcapng): any number of sections, each in its own byte order, each with any
// number of interfaces, each with its own link type and clock.
//
// Packets come from Enhanced, Simple and the obsolete Packet Blocks; blocks of other kinds are stepped
// over without being held.  A packet block whose frame is sound but whose content is not (an interface
// that is not described, a packet longer than its block) is left out, counted and reported at the end;
// where blocks cannot be told apart any more, reading stops.
#pragma once

#include <vector>

#include "capture/byte_stream.hpp"
#include "capture/damage.hpp"
#include "capture/packet.hpp"

namespace hepcap::capture {

// How an interface counts time: if_tsresol and if_tsoffset.
struct Clock {
    std::uint8_t resolution = 6;      // if_tsresol: 10^-n seconds, or 2^-n where the top bit is set
    std::int64_t offset_seconds = 0;  // if_tsoffset

    // Saturates where the clock goes beyond what a Timestamp holds.
    Timestamp time_of(std::uint64_t ticks) const;
    bool is_finer_than_microseconds() const;
};

class PcapngReader {
public:
    static constexpr std::uint32_t max_packet = 16 << 20;
    static constexpr std::size_t max_interfaces = 65536;

    // `stream` stands at the first section header, and outlives the reader.
    explicit PcapngReader(ByteStream& stream);

    // Fills all of `packet` but origin.file; false at the end and at damage.
    bool next(Packet& packet);

    std::uint64_t packets() const { return frame_; }
    const Damage& damage() const { return damage_; }
    // Packet blocks that were left out: `value` of them, the first at `offset`.
    const Damage& left_out() const { return left_out_; }

private:
    struct Interface {
        std::uint32_t link_type = 0;
        std::uint32_t snaplen = 0;
        Clock clock;
    };
    enum class Step { packet, other, stop };

    Step read_block(Packet& packet);
    Step read_section_header();
    Step read_interface(Bytes body);
    bool read_interface_options(Bytes options, Clock& clock) const;
    Step read_packet(std::uint32_t type, Bytes body, Packet& packet);
    bool read_enhanced(Bytes body, Packet& packet) const;
    bool read_simple(Bytes body, Packet& packet) const;
    bool read_old(Bytes body, Packet& packet) const;
    bool fill(Packet& packet, std::size_t interface, std::uint64_t ticks, std::uint32_t captured,
              std::uint32_t original, Bytes data) const;
    Step step_over(std::uint64_t length);
    Step stop(DamageCause cause, std::uint64_t value = 0);
    std::uint32_t u32(const std::uint8_t* p) const;
    std::uint16_t u16(const std::uint8_t* p) const;

    ByteStream& stream_;
    std::vector<Interface> interfaces_;
    bool is_big_endian_ = false;
    std::uint64_t frame_ = 0;
    std::uint64_t block_offset_ = 0;
    Damage damage_;    // ends the reading
    Damage left_out_;  // does not
};

}  // namespace hepcap::capture
