#include "hep/from_datagram.hpp"

namespace hepcap::hep {

void from_datagram(const capture::Datagram& datagram, Message& out) {
    out.clear();
    out.has_time = true;
    out.has_nanoseconds = datagram.has_nanoseconds;
    out.is_cut = datagram.is_cut;
    out.transport = datagram.transport;
    out.time = datagram.time;
    out.source = datagram.source;
    out.destination = datagram.destination;
    out.payload = datagram.payload;
    if (!datagram.encap.empty()) out.encap = datagram.encap;
    out.origin = datagram.origin;
}

}  // namespace hepcap::hep
