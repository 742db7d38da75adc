#include "hep/wire.hpp"

namespace hepcap::hep {

namespace {

constexpr std::int64_t second_2000 = 946'684'800;
constexpr std::int64_t second_2060 = 2'840'140'800;

// An old capture replayed is old by years; a clock that runs ahead by more than a day is broken.
constexpr std::int64_t longest_past = std::int64_t{10} * 366 * 86'400;
constexpr std::int64_t longest_future = 86'400;

bool is_plausible(std::int64_t second) { return second >= second_2000 && second < second_2060; }

}  // namespace

Transport transport_from_ip_protocol(std::uint8_t protocol) {
    switch (protocol) {
        case ip_protocol::udp: return Transport::udp;
        case ip_protocol::tcp: return Transport::tcp;
        case ip_protocol::idp: return Transport::tls;
        case ip_protocol::sctp: return Transport::sctp;
        default: return Transport::none;
    }
}

std::uint8_t ip_protocol_from_transport(Transport transport) {
    switch (transport) {
        case Transport::udp: return ip_protocol::udp;
        case Transport::tcp:
        case Transport::ws: return ip_protocol::tcp;
        case Transport::tls:
        case Transport::wss: return ip_protocol::idp;
        case Transport::sctp: return ip_protocol::sctp;
        case Transport::none: break;
    }
    return 0;
}

void start_message(const capture::Datagram& carrier, std::uint8_t version, Message& out) {
    out.clear();
    out.version = version;
    out.time = carrier.time;
    out.has_nanoseconds = carrier.has_nanoseconds;
    out.peer = carrier.source;
    if (!carrier.encap.empty()) out.encap = carrier.encap;
    out.origin = carrier.origin;
}

bool is_far(std::int64_t second, const capture::Datagram& carrier) {
    const std::int64_t carrier_second = carrier.time.second();
    if (!is_plausible(carrier_second)) return !is_plausible(second);
    return second < carrier_second - longest_past || second > carrier_second + longest_future;
}

void take_time(std::uint32_t seconds, std::uint32_t microseconds, const capture::Datagram& carrier,
               Message& out) {
    if (seconds == 0) {
        out.notes.add(Note::no_time);
        return;
    }
    out.has_time = true;
    out.has_nanoseconds = false;
    out.time = Timestamp::from_parts(seconds, std::int64_t{microseconds} * 1000);
    if (microseconds >= 1'000'000) out.notes.add(Note::microseconds_carried);
    if (is_far(out.time.second(), carrier)) out.notes.add(Note::far_time);
}

}  // namespace hepcap::hep
