#include "capture/pcap_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/cursor.hpp"

namespace hepcap::capture {

namespace {

// draft-ietf-opsawg-pcap section 4; every integer in the byte order of the magic:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------------------------------------------------------+
//   |                             Magic                             |
//   +---------------------------------------------------------------+
//   |         Major version         |         Minor version         |
//   +---------------------------------------------------------------+
//   |                    Reserved (time zone)                       |
//   +---------------------------------------------------------------+
//   |                  Reserved (significant figures)               |
//   +---------------------------------------------------------------+
//   |                            SnapLen                            |
//   +---------------------------------------------------------------+
//   | FCS |f|       Reserved        |           Link type           |
//   +---------------------------------------------------------------+
constexpr std::size_t file_header_size = 24;

// The third magic, 0xa1b2c3d4, is that of microseconds.
constexpr std::uint32_t nanosecond_magic = 0xa1b23c4d;
constexpr std::uint32_t modified_magic = 0xa1b2cd34;

constexpr std::uint16_t supported_major = 2;

}  // namespace

std::uint32_t PcapReader::u32(const std::uint8_t* p) const {
    return is_big_endian_ ? load_u32(p) : load_u32_le(p);
}

std::uint16_t PcapReader::u16(const std::uint8_t* p) const {
    return is_big_endian_ ? load_u16(p) : load_u16_le(p);
}

PcapReader::PcapReader(ByteStream& stream) : stream_(stream) {
    const Bytes header = stream_.ensure(file_header_size);
    if (header.size() < file_header_size) {
        stop(DamageCause::cut_file_header);
        return;
    }
    is_big_endian_ = header[0] == 0xa1;
    const std::uint32_t magic = u32(header.data());
    has_nanoseconds_ = magic == nanosecond_magic;
    ns_per_tick_ = has_nanoseconds_ ? 1 : 1000;
    // The modified format adds interface index, protocol, packet type and padding to each record.
    record_header_size_ = magic == modified_magic ? 24 : 16;

    const std::uint16_t major = u16(header.data() + 4);
    minor_version_ = u16(header.data() + 6);
    if (major != supported_major) {
        stop(DamageCause::unsupported_version, std::uint64_t{major} << 16 | minor_version_);
        return;
    }
    max_packet_ = std::clamp(u32(header.data() + 16), usual_max_packet, max_packet);
    link_type_ = u32(header.data() + 20) & 0xffff;
    stream_.consume(file_header_size);
}

bool PcapReader::has_swapped_lengths(std::uint32_t captured, std::uint32_t original) const {
    // Up to version 2.2 the original length came first; writers of 2.3 did not agree.
    return minor_version_ < 3 || (minor_version_ == 3 && captured > original);
}

// The record header, section 5:
//
//   +---------------------------------------------------------------+
//   |                      Timestamp (Seconds)                      |
//   +---------------------------------------------------------------+
//   |            Timestamp (Microseconds or nanoseconds)            |
//   +---------------------------------------------------------------+
//   |                    Captured Packet Length                     |
//   +---------------------------------------------------------------+
//   |                    Original Packet Length                     |
//   +---------------------------------------------------------------+
bool PcapReader::next(Packet& packet) {
    if (damage_.cause != DamageCause::none) return false;
    Bytes view = stream_.ensure(record_header_size_);
    if (view.size() < record_header_size_) [[unlikely]] {
        return view.empty() && stream_.failure() == StreamFailure::none ? false
                                                                        : stop(DamageCause::cut_packet);
    }
    const std::uint8_t* header = view.data();
    const std::uint32_t seconds = u32(header);
    const std::uint32_t fraction = u32(header + 4);
    std::uint32_t captured = u32(header + 8);
    std::uint32_t original = u32(header + 12);
    if (minor_version_ < 4 && has_swapped_lengths(captured, original)) [[unlikely]]
        std::swap(captured, original);
    if (captured > max_packet_) [[unlikely]]
        return stop(DamageCause::packet_too_long, captured);

    const std::size_t size = std::size_t{record_header_size_} + captured;
    if (view.size() < size) {
        view = stream_.ensure(size);
        if (view.size() < size) [[unlikely]]
            return stop(DamageCause::cut_packet);
    }
    // Cannot overflow: 2^32 seconds are half of what 64 bits of nanoseconds hold.  A fraction of a
    // second or more is carried.
    packet.time.ns = std::int64_t{seconds} * 1'000'000'000 + std::int64_t{fraction} * ns_per_tick_;
    packet.has_nanoseconds = has_nanoseconds_;
    packet.link_type = link_type_;
    packet.original_length = original;
    packet.data = view.subspan(record_header_size_, captured);
    packet.origin.frame = ++frame_;
    packet.origin.offset = stream_.position();
    stream_.consume(size);
    return true;
}

bool PcapReader::stop(DamageCause cause, std::uint64_t value) {
    damage_ = {cause, stream_.position(), frame_ + 1, value};
    return false;
}

}  // namespace hepcap::capture
