// Laws of HEP: decoding terminates within the octets given and makes progress; a message that was
// decoded and can be encoded in its own version is the same message when decoded again.
#include <cstdlib>

#include "hep/decode.hpp"
#include "hep/encode.hpp"

namespace {

using namespace hepcap;

void require(bool law) {
    if (!law) std::abort();
}

bool is_same(const hep::Message& a, const hep::Message& b) {
    if (a.extra.size() != b.extra.size()) return false;
    for (std::size_t i = 0; i < a.extra.size(); ++i) {
        if (a.extra[i].vendor_id != b.extra[i].vendor_id || a.extra[i].type_id != b.extra[i].type_id ||
            as_text(a.extra[i].value) != as_text(b.extra[i].value)) {
            return false;
        }
    }
    return a.version == b.version && a.has_time == b.has_time && a.time == b.time &&
           a.has_protocol_type == b.has_protocol_type && a.protocol_type == b.protocol_type &&
           a.has_capture_agent_id == b.has_capture_agent_id && a.capture_agent_id == b.capture_agent_id &&
           a.has_vlan == b.has_vlan && a.vlan == b.vlan && a.transport == b.transport &&
           a.source == b.source && a.destination == b.destination &&
           a.capture_agent_name == b.capture_agent_name && a.correlation_id == b.correlation_id &&
           a.auth_key == b.auth_key && as_text(a.payload) == as_text(b.payload);
}

void check_round_trip(const hep::Message& message, const capture::Datagram& carrier) {
    static hep::Decoder decoder;
    static hep::Message again;
    static std::vector<std::uint8_t> octets;
    octets.clear();
    // The byte order of HEP2's time is a guess at its first four octets, and a carry changes them.
    if (message.version == 2 && message.notes.has(hep::Note::microseconds_carried)) return;
    const auto encode = message.version == 1   ? hep::encode_v1
                        : message.version == 2 ? hep::encode_v2
                                               : hep::encode_v3;
    const auto size = encode(message, octets);
    require(size ? *size == octets.size() : octets.empty());
    if (!size) return;
    const auto used = decoder.decode(octets, carrier, again);
    require(used && *used == octets.size());
    require(is_same(message, again));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static hep::Decoder decoder;
    static hep::Message message;
    capture::Datagram carrier;
    carrier.time = Timestamp::from_parts(1'750'000'000, 0);
    hep::looks_like_hep({data, size});
    for (Bytes rest{data, size}; !rest.empty();) {
        const auto used = decoder.decode(rest, carrier, message);
        if (!used) break;
        require(*used > 0 && *used <= rest.size());
        check_round_trip(message, carrier);
        rest = rest.subspan(*used);
    }
    carrier.is_cut = true;
    const auto cut = decoder.decode({data, size}, carrier, message);
    require(cut || !message.is_cut || cut.error() == hep::Refusal::truncated);
    return 0;
}
