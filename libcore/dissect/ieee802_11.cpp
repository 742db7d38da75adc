// 802.11 data frames have headers of 24 to 32 octets whose form depends on the frame's bits: libtins
// knows them and says how long one is.  What follows is read from the original octets.
//
// It is shown the header alone.  Given a whole frame it would go on into LLC, IP and whatever is
// inside, with less care than hostile input asks for; of radiotap, whose own length is enough, it is
// shown nothing.
#include <tins/dot11/dot11_data.h>
#include <tins/exceptions.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/cursor.hpp"
#include "dissect/link.hpp"

namespace hepcap::dissect {

namespace {

// IEEE 802.11 section 9.2.4.1, the first two octets of a frame:
//
//   +-------------+----------+-------------+  +-------+---------+-----+-----------+------+
//   | version (2) | type (2) | subtype (4) |  | to DS | from DS | ... | protected | +HTC |
//   +-------------+----------+-------------+  +-------+---------+-----+-----------+------+
constexpr std::uint8_t type_mask = 0x0c;
constexpr std::uint8_t data_type = 0x08;
constexpr std::uint8_t no_data_bit = 0x40;
constexpr std::uint8_t protected_bit = 0x40;

// Takes a frame whose protected bit is set for one whose body it cannot read, and stops there.
std::size_t header_size(Bytes frame) {
    std::array<std::uint8_t, 64> head{};
    const std::size_t size = std::min(frame.size(), head.size());
    std::copy_n(frame.begin(), size, head.begin());
    head[1] |= protected_bit;
    const std::unique_ptr<Tins::Dot11> header(
        Tins::Dot11::from_bytes(head.data(), static_cast<std::uint32_t>(size)));
    return header->header_size();
}

// The registry's LINKTYPE_IEEE802_11_RADIOTAP; the length, little-endian, covers all of it:
//
//   +-------------+---------+------------+-------------------
//   | version (1) | pad (1) | length (2) | present (4) …
//   +-------------+---------+------------+-------------------
Verdict strip_radiotap(Bytes& packet) {
    constexpr std::size_t min_size = 8;
    if (packet.size() < min_size) return Verdict::short_link_header;
    const std::size_t size = load_u16_le(packet.data() + 2);
    if (packet[0] != 0 || size < min_size) return Verdict::bad_link_header;
    if (size > packet.size()) return Verdict::short_link_header;
    packet = packet.subspan(size);
    return Verdict::datagram;
}

}  // namespace

Verdict strip_ieee802_11(bool has_radiotap, Bytes packet, Frame& out) {
    if (has_radiotap) {
        const Verdict verdict = strip_radiotap(packet);
        if (verdict != Verdict::datagram) return verdict;
    }
    if (packet.size() < 2) return Verdict::short_link_header;
    const bool has_data = (packet[0] & type_mask) == data_type && (packet[0] & no_data_bit) == 0;
    if (!has_data || (packet[1] & protected_bit) != 0) return Verdict::not_ip;
    try {
        const std::size_t size = header_size(packet);
        if (size > packet.size()) return Verdict::short_link_header;
        out = {0, packet.subspan(size)};
        return Verdict::datagram;
    } catch (const Tins::exception_base&) {
        return Verdict::short_link_header;  // the only thing that can be wrong with these headers
    }
}

}  // namespace hepcap::dissect
