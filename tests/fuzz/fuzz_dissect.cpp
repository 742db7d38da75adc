// Law: what dissection hands out lies inside the packet; it is the same whatever the datagram held before;
// and a packet that the snaplen cut is never blamed for headers that are missing.  The first two octets
// are the link type, the third says whether the packet is cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <vector>

#include "dissect/dissect.hpp"

using namespace hepcap;
using dissect::Verdict;

namespace {

bool is_inside(Bytes part, Bytes whole) {
    const std::less_equal<> is_not_behind;
    return part.empty() || (is_not_behind(whole.data(), part.data()) &&
                            is_not_behind(part.data() + part.size(), whole.data() + whole.size()));
}

bool is_same(const capture::Datagram& a, const capture::Datagram& b) {
    return a.source == b.source && a.destination == b.destination && a.transport == b.transport &&
           a.is_cut == b.is_cut && a.payload.data() == b.payload.data() &&
           a.payload.size() == b.payload.size() &&
           std::distance(a.encap.begin(), a.encap.end()) == std::distance(b.encap.begin(), b.encap.end());
}

bool is_short(Verdict verdict) {
    return verdict == Verdict::short_link_header || verdict == Verdict::short_ip_header ||
           verdict == Verdict::short_udp_header;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const std::vector<std::uint8_t> octets(data + 3, data + size);
    capture::Packet packet;
    packet.link_type = static_cast<std::uint32_t>(data[0] << 8 | data[1]);
    packet.data = octets;
    packet.original_length = static_cast<std::uint32_t>(octets.size() + (data[2] & 1));

    capture::Datagram fresh;
    const Verdict verdict = dissect::dissect(packet, fresh);
    if (dissect::verdict_name(verdict).empty()) std::abort();
    if (packet.is_cut() && is_short(verdict)) std::abort();
    if (verdict != Verdict::datagram) return 0;

    if (!is_inside(fresh.payload, packet.data)) std::abort();
    static capture::Datagram used;  // holds what inputs before have left
    if (dissect::dissect(packet, used) != verdict || !is_same(fresh, used)) std::abort();
    return 0;
}
