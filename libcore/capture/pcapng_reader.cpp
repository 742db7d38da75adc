#include "capture/pcapng_reader.hpp"

#include <algorithm>
#include <limits>

#include "base/cursor.hpp"

namespace hepcap::capture {

namespace {

__extension__ using Wide = __int128;

// Block types, draft-ietf-opsawg-pcapng section 11.1.
constexpr std::uint32_t section_header_block = 0x0a0d0d0a;
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t old_packet_block = 2;
constexpr std::uint32_t simple_packet_block = 3;
constexpr std::uint32_t enhanced_packet_block = 6;

// Every block, section 3.1; integers in the section's byte order, lengths multiples of four:
//
//   +---------------------------------------------------------------+
//   |                          Block Type                           |
//   +---------------------------------------------------------------+
//   |                      Block Total Length                       |
//   +---------------------------------------------------------------+
//   /                          Block Body                           /
//   +---------------------------------------------------------------+
//   |                      Block Total Length                       |
//   +---------------------------------------------------------------+
constexpr std::size_t block_start = 8;
constexpr std::size_t block_end = 4;
constexpr std::size_t min_block = block_start + block_end;
constexpr std::uint32_t max_held_block = ByteStream::max_window;

bool is_packet_block(std::uint32_t type) {
    return type == enhanced_packet_block || type == simple_packet_block || type == old_packet_block;
}

std::int64_t clamp_to_64(Wide value) {
    constexpr Wide low = std::numeric_limits<std::int64_t>::min();
    constexpr Wide high = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(value, low, high));
}

std::uint64_t power_of_ten(unsigned exponent) {
    std::uint64_t power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

}  // namespace

Timestamp Clock::time_of(std::uint64_t ticks) const {
    constexpr Wide second = 1'000'000'000;
    const unsigned exponent = resolution & 0x7fu;
    Wide ns = 0;
    if (resolution & 0x80) {
        // Whole seconds and the rest apart: the product of all would not fit.
        if (exponent < 64) {
            const std::uint64_t rest = exponent == 0 ? 0 : ticks & (~std::uint64_t{0} >> (64 - exponent));
            ns = Wide{ticks >> exponent} * second + (Wide{rest} * second >> exponent);
        } else {
            ns = Wide{ticks} * second >> exponent;
        }
    } else if (exponent <= 9) {
        ns = Wide{ticks} * power_of_ten(9 - exponent);
    } else if (exponent <= 9 + 19) {
        ns = ticks / power_of_ten(exponent - 9);
    }
    return {clamp_to_64(ns + Wide{offset_seconds} * second)};
}

bool Clock::is_finer_than_microseconds() const {
    constexpr unsigned bits_of_a_microsecond = 20;
    return resolution & 0x80 ? (resolution & 0x7fu) >= bits_of_a_microsecond : resolution > 6;
}

std::uint32_t PcapngReader::u32(const std::uint8_t* p) const {
    return is_big_endian_ ? load_u32(p) : load_u32_le(p);
}

std::uint16_t PcapngReader::u16(const std::uint8_t* p) const {
    return is_big_endian_ ? load_u16(p) : load_u16_le(p);
}

PcapngReader::PcapngReader(ByteStream& stream) : stream_(stream) {
    if (stream_.ensure(min_block).size() < min_block) {
        stop(DamageCause::cut_file_header);
        return;
    }
    read_section_header();
}

bool PcapngReader::next(Packet& packet) {
    if (damage_.cause != DamageCause::none) return false;
    for (;;) {
        switch (read_block(packet)) {
            case Step::packet: return true;
            case Step::other: break;
            case Step::stop: return false;
        }
    }
}

PcapngReader::Step PcapngReader::read_block(Packet& packet) {
    block_offset_ = stream_.position();
    Bytes view = stream_.ensure(min_block);
    if (view.size() < min_block) {
        const bool is_clean_end = view.empty() && stream_.failure() == StreamFailure::none;
        return is_clean_end ? Step::stop : stop(DamageCause::cut_block);
    }
    const std::uint32_t type = u32(view.data());
    if (type == section_header_block) return read_section_header();

    const std::uint32_t length = u32(view.data() + 4);
    if (length < min_block || length % 4 != 0) return stop(DamageCause::bad_block_length, length);
    if (!is_packet_block(type) && type != interface_block) return step_over(length);
    if (length > max_held_block) return stop(DamageCause::bad_block_length, length);
    if (view.size() < length) {
        view = stream_.ensure(length);
        if (view.size() < length) {
            return stop(is_packet_block(type) ? DamageCause::cut_packet : DamageCause::cut_block);
        }
    }
    if (u32(view.data() + length - block_end) != length) return stop(DamageCause::block_ends_differ);
    stream_.consume(length);
    const Bytes body = view.subspan(block_start, length - min_block);
    return type == interface_block ? read_interface(body) : read_packet(type, body, packet);
}

// Section 4.1, after type and length: the byte-order magic tells how to read all that follows, the
// length before it included.
//
//   +---------------------------------------------------------------+
//   |                      Byte-Order Magic                         |
//   +---------------------------------------------------------------+
//   |          Major Version        |         Minor Version         |
//   +---------------------------------------------------------------+
//   |                         Section Length                        |
//   |                           (64 bits)                           |
//   +---------------------------------------------------------------+
PcapngReader::Step PcapngReader::read_section_header() {
    constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
    constexpr std::size_t fixed_size = block_start + 16 + block_end;
    const Bytes view = stream_.ensure(fixed_size);
    if (view.size() < fixed_size) return stop(DamageCause::cut_file_header);
    if (load_u32(view.data() + 8) == byte_order_magic) {
        is_big_endian_ = true;
    } else if (load_u32_le(view.data() + 8) == byte_order_magic) {
        is_big_endian_ = false;
    } else {
        return stop(DamageCause::bad_section_header);
    }
    const std::uint32_t length = u32(view.data() + 4);
    if (length < fixed_size || length % 4 != 0) return stop(DamageCause::bad_block_length, length);

    // 1.2 was written by mistake and means 1.0.  The section's length is not believed: live captures
    // do not know it, and blocks are told apart without it.
    const std::uint16_t major = u16(view.data() + 12);
    const std::uint16_t minor = u16(view.data() + 14);
    if (major != 1 || (minor != 0 && minor != 2)) {
        return stop(DamageCause::unsupported_version, std::uint64_t{major} << 16 | minor);
    }
    interfaces_.clear();
    return step_over(length);
}

// Consumes a block of which nothing more is wanted, however long it is.
PcapngReader::Step PcapngReader::step_over(std::uint64_t length) {
    if (!stream_.skip(length - block_end)) return stop(DamageCause::cut_block);
    const Bytes end = stream_.ensure(block_end);
    if (end.size() < block_end) return stop(DamageCause::cut_block);
    if (u32(end.data()) != length) return stop(DamageCause::block_ends_differ);
    stream_.consume(block_end);
    return Step::other;
}

// Section 4.2:
//
//   +---------------------------------------------------------------+
//   |           LinkType            |           Reserved            |
//   +---------------------------------------------------------------+
//   |                            SnapLen                            |
//   +---------------------------------------------------------------+
PcapngReader::Step PcapngReader::read_interface(Bytes body) {
    constexpr std::size_t fixed_size = 8;
    if (body.size() < fixed_size) return stop(DamageCause::bad_interface);
    if (interfaces_.size() == max_interfaces) {
        return stop(DamageCause::too_many_interfaces, max_interfaces);
    }
    Interface interface;
    interface.link_type = u16(body.data());
    interface.snaplen = u32(body.data() + 4);
    if (!read_interface_options(body.subspan(fixed_size), interface.clock)) {
        return stop(DamageCause::bad_interface);
    }
    interfaces_.push_back(interface);
    return Step::other;
}

// Options, section 3.5: code and length of 16 bits each, a value padded to four octets.  Those of an
// interface decide the time of every packet, hence a list that does not add up is damage.
bool PcapngReader::read_interface_options(Bytes options, Clock& clock) const {
    constexpr std::uint16_t end_of_options = 0;
    constexpr std::uint16_t if_tsresol = 9;
    constexpr std::uint16_t if_tsoffset = 14;
    while (options.size() >= 4) {
        const std::uint16_t code = u16(options.data());
        const std::size_t length = u16(options.data() + 2);
        if (code == end_of_options) return true;
        options = options.subspan(4);
        const std::size_t padded = (length + 3) & ~std::size_t{3};
        if (padded > options.size()) return false;
        if (code == if_tsresol && length == 1) clock.resolution = options[0];
        if (code == if_tsoffset && length == 8) {
            const std::uint64_t first = u32(options.data());
            const std::uint64_t second = u32(options.data() + 4);
            clock.offset_seconds =
                static_cast<std::int64_t>(is_big_endian_ ? first << 32 | second : second << 32 | first);
        }
        options = options.subspan(padded);
    }
    return true;
}

PcapngReader::Step PcapngReader::read_packet(std::uint32_t type, Bytes body, Packet& packet) {
    ++frame_;  // a packet that is left out counts, so that frame numbers agree with other readers
    const bool is_sound = type == enhanced_packet_block ? read_enhanced(body, packet)
                          : type == simple_packet_block ? read_simple(body, packet)
                                                        : read_old(body, packet);
    if (is_sound) {
        packet.origin.frame = frame_;
        packet.origin.offset = block_offset_;
        return Step::packet;
    }
    if (left_out_.value++ == 0) {
        left_out_.cause = DamageCause::left_out;
        left_out_.offset = block_offset_;
        left_out_.frame = frame_;
    }
    return Step::other;
}

// Section 4.3; the data is padded to four octets, options follow:
//
//   +---------------------------------------------------------------+
//   |                         Interface ID                          |
//   +---------------------------------------------------------------+
//   |                  Timestamp (upper 4 bytes)                    |
//   +---------------------------------------------------------------+
//   |                  Timestamp (lower 4 bytes)                    |
//   +---------------------------------------------------------------+
//   |                    Captured Packet Length                     |
//   +---------------------------------------------------------------+
//   |                    Original Packet Length                     |
//   +---------------------------------------------------------------+
//   /                          Packet Data                          /
bool PcapngReader::read_enhanced(Bytes body, Packet& packet) const {
    constexpr std::size_t fixed_size = 20;
    if (body.size() < fixed_size) return false;
    const std::uint8_t* p = body.data();
    const std::uint64_t ticks = std::uint64_t{u32(p + 4)} << 32 | u32(p + 8);
    return fill(packet, u32(p), ticks, u32(p + 12), u32(p + 16), body.subspan(fixed_size));
}

// Section 4.4: original length and data; interface 0, no time, cut by that interface's snaplen.
bool PcapngReader::read_simple(Bytes body, Packet& packet) const {
    constexpr std::size_t fixed_size = 4;
    if (body.size() < fixed_size || interfaces_.empty()) return false;
    const std::uint32_t original = u32(body.data());
    const std::uint32_t snaplen = interfaces_.front().snaplen;
    const std::uint32_t captured = snaplen == 0 ? original : std::min(original, snaplen);
    return fill(packet, 0, 0, captured, original, body.subspan(fixed_size));
}

// Appendix A (obsolete): as the enhanced block, but the interface shares its word with a drop count.
bool PcapngReader::read_old(Bytes body, Packet& packet) const {
    constexpr std::size_t fixed_size = 20;
    if (body.size() < fixed_size) return false;
    const std::uint8_t* p = body.data();
    const std::uint64_t ticks = std::uint64_t{u32(p + 4)} << 32 | u32(p + 8);
    return fill(packet, u16(p), ticks, u32(p + 12), u32(p + 16), body.subspan(fixed_size));
}

bool PcapngReader::fill(Packet& packet, std::size_t interface, std::uint64_t ticks, std::uint32_t captured,
                        std::uint32_t original, Bytes data) const {
    if (interface >= interfaces_.size() || captured > data.size() || captured > max_packet) return false;
    const Interface& described = interfaces_[interface];
    packet.time = described.clock.time_of(ticks);
    packet.has_nanoseconds = described.clock.is_finer_than_microseconds();
    packet.link_type = described.link_type;
    packet.original_length = original;
    packet.data = data.first(captured);
    return true;
}

PcapngReader::Step PcapngReader::stop(DamageCause cause, std::uint64_t value) {
    damage_ = {cause, block_offset_, frame_ + 1, value};
    return Step::stop;
}

}  // namespace hepcap::capture
