#include "capture/pcap_writer.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "base/byte_writer.hpp"
#include "base/cursor.hpp"

namespace hepcap::capture {

namespace {

constexpr std::uint32_t microsecond_magic = 0xa1b2c3d4;
constexpr std::uint32_t nanosecond_magic = 0xa1b23c4d;

// pcapng block types, section 11.1, and option codes, section 3.5 and of each block.
constexpr std::uint32_t section_header_block = 0x0a0d0d0a;
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t enhanced_packet_block = 6;
constexpr std::uint16_t shb_userappl = 4;
constexpr std::uint16_t if_name = 2;
constexpr std::uint16_t if_tsresol = 9;

// A length of 2^32 or more comes from no packet; it must not wrap into a small one all the same.
std::uint32_t clamp_u32(std::uint64_t value) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

std::uint8_t* store_u32_le(std::uint8_t* p, std::uint32_t v) {
    p[0] = static_cast<std::uint8_t>(v);
    p[1] = static_cast<std::uint8_t>(v >> 8);
    p[2] = static_cast<std::uint8_t>(v >> 16);
    p[3] = static_cast<std::uint8_t>(v >> 24);
    return p + 4;
}

std::size_t padded(std::size_t n) { return (n + 3) & ~std::size_t{3}; }

// An option: code, length, value padded to 32 bits.
void put_option(ByteWriter& w, std::uint16_t code, Bytes value) {
    constexpr std::size_t longest = 0xfffc;
    value = value.first(std::min(value.size(), longest));
    w.u16_le(code);
    w.u16_le(static_cast<std::uint16_t>(value.size()));
    w.append(value);
    for (std::size_t i = value.size(); i < padded(value.size()); ++i) w.u8(0);
}

void put_end_of_options(ByteWriter& w) { w.u32_le(0); }

// A block around `body`, whose length is a multiple of four: section 3.1.
//
//   +-----------+------------------+------ - - -----+------------------+
//   | type (4)  | total length (4) |      body      | total length (4) |
//   +-----------+------------------+------ - - -----+------------------+
std::vector<std::uint8_t> block(std::uint32_t type, const std::vector<std::uint8_t>& body) {
    std::vector<std::uint8_t> octets;
    ByteWriter w(octets);
    const auto total = static_cast<std::uint32_t>(body.size() + 12);
    w.u32_le(type);
    w.u32_le(total);
    w.append(body);
    w.u32_le(total);
    return octets;
}

}  // namespace

WholePackets whole_packets(SavefileForm form, std::string_view octets, std::size_t limit) {
    const Bytes bytes = as_bytes(octets.substr(0, limit));
    WholePackets whole;
    constexpr std::size_t record_header = 16;
    while (bytes.size() - whole.octets >= record_header) {
        const std::uint8_t* const p = bytes.data() + whole.octets;
        const bool is_block = form == SavefileForm::pcapng;
        const std::size_t size = is_block ? load_u32_le(p + 4) : record_header + load_u32_le(p + 8);
        if (size > bytes.size() - whole.octets || size < record_header) break;
        whole.octets += size;
        if (!is_block || load_u32_le(p) == enhanced_packet_block) ++whole.packets;
    }
    return whole;
}

PcapWriter::PcapWriter(Output& out, SavefileOptions options) : out_(out), options_(std::move(options)) {
    if (options_.form == SavefileForm::pcap) {
        write_pcap_header();
        return;
    }
    write_section_header();
    write_interface({options_.link_type, options_.has_nanoseconds}, options_.interface_name);
}

void PcapWriter::append(const std::vector<std::uint8_t>& octets) {
    out_.append(as_text(octets));
    octets_ += octets.size();
}

// The drawing is in pcap_reader.cpp.
void PcapWriter::write_pcap_header() {
    std::vector<std::uint8_t> octets;
    ByteWriter w(octets);
    w.u32_le(options_.has_nanoseconds ? nanosecond_magic : microsecond_magic);
    w.u16_le(2);
    w.u16_le(4);
    w.u32_le(0);
    w.u32_le(0);
    w.u32_le(options_.snaplen);
    w.u32_le(options_.link_type);
    append(octets);
}

// Section 4.1; a section length of -1 means unknown:
//
//   +----------------------+-----------------+-----------------+--------------------+---------
//   | byte-order magic (4) | major (2), 1    | minor (2), 0    | section length (8) | options
//   +----------------------+-----------------+-----------------+--------------------+---------
void PcapWriter::write_section_header() {
    std::vector<std::uint8_t> body;
    ByteWriter w(body);
    w.u32_le(0x1a2b3c4d);
    w.u16_le(1);
    w.u16_le(0);
    w.u32_le(0xffffffff);
    w.u32_le(0xffffffff);
    if (!options_.application.empty()) {
        put_option(w, shb_userappl, as_bytes(options_.application));
        put_end_of_options(w);
    }
    append(block(section_header_block, body));
}

// Section 4.2:
//
//   +---------------+--------------+-------------+---------
//   | link type (2) | reserved (2) | snaplen (4) | options
//   +---------------+--------------+-------------+---------
void PcapWriter::write_interface(const Interface& interface, const std::string& name) {
    std::vector<std::uint8_t> body;
    ByteWriter w(body);
    w.u16_le(static_cast<std::uint16_t>(interface.link_type));
    w.u16_le(0);
    w.u32_le(options_.snaplen);
    if (!name.empty()) put_option(w, if_name, as_bytes(name));
    const std::uint8_t resolution = interface.has_nanoseconds ? 9 : 6;
    put_option(w, if_tsresol, {&resolution, 1});
    put_end_of_options(w);
    append(block(interface_block, body));
    interfaces_.push_back(interface);
}

// The interface that a packet is of: one for each link type and precision.
std::uint32_t PcapWriter::interface_for(const Packet& packet) {
    for (std::size_t i = 0; i < interfaces_.size(); ++i) {
        if (interfaces_[i].link_type == packet.link_type &&
            interfaces_[i].has_nanoseconds == packet.has_nanoseconds)
            return static_cast<std::uint32_t>(i);
    }
    write_interface({packet.link_type, packet.has_nanoseconds}, {});
    return static_cast<std::uint32_t>(interfaces_.size() - 1);
}

bool PcapWriter::write(const Packet& packet) {
    if (options_.form == SavefileForm::pcapng) {
        write_enhanced(packet);
    } else if (packet.link_type != options_.link_type) {
        return false;
    } else {
        write_record(packet);
    }
    ++packets_;
    return true;
}

// The drawing is in pcap_reader.cpp.
void PcapWriter::write_record(const Packet& packet) {
    constexpr std::size_t header = 16;
    const std::size_t size = header + packet.data.size();
    std::uint32_t fraction = packet.time.nanosecond();
    if (!options_.has_nanoseconds) {
        if (packet.has_nanoseconds && fraction % 1000 != 0) ++coarsened_;
        fraction /= 1000;
    }
    const std::int64_t second = packet.time.second();
    char* const out = out_.reserve(size);
    auto* p = reinterpret_cast<std::uint8_t*>(out);
    p = store_u32_le(p, second < 0 ? 0 : clamp_u32(static_cast<std::uint64_t>(second)));
    p = store_u32_le(p, second < 0 ? 0 : fraction);
    p = store_u32_le(p, clamp_u32(packet.data.size()));
    p = store_u32_le(p, packet.original_length);
    if (!packet.data.empty()) std::memcpy(p, packet.data.data(), packet.data.size());
    out_.commit(out + size);
    octets_ += size;
}

// Section 4.3:
//
//   +------------------+---------------+--------------+---------------------+---------------------+------
//   | interface id (4) | time high (4) | time low (4) | captured length (4) | original length (4) | data
//   +------------------+---------------+--------------+---------------------+---------------------+------
void PcapWriter::write_enhanced(const Packet& packet) {
    constexpr std::size_t overhead = 32;  // 8 before the body, 20 before the data, 4 behind
    const std::uint32_t interface = interface_for(packet);
    const std::size_t data = packet.data.size();
    const std::size_t size = overhead + padded(data);
    const std::int64_t count = packet.has_nanoseconds ? packet.time.ns : packet.time.micros();
    const auto ticks = static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0));
    char* const out = out_.reserve(size);
    auto* p = reinterpret_cast<std::uint8_t*>(out);
    p = store_u32_le(p, enhanced_packet_block);
    p = store_u32_le(p, clamp_u32(size));
    p = store_u32_le(p, interface);
    p = store_u32_le(p, static_cast<std::uint32_t>(ticks >> 32));
    p = store_u32_le(p, static_cast<std::uint32_t>(ticks));
    p = store_u32_le(p, clamp_u32(data));
    p = store_u32_le(p, packet.original_length);
    if (data > 0) std::memcpy(p, packet.data.data(), data);
    p += data;
    for (std::size_t i = data; i < padded(data); ++i) *p++ = 0;
    store_u32_le(p, clamp_u32(size));
    out_.commit(out + size);
    octets_ += size;
}

}  // namespace hepcap::capture
