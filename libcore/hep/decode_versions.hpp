// The decoders of the frame layouts, one for HEP1 and HEP2, one for HEP3.  Decoder chooses between
// them; nobody else calls them.
#pragma once

#include "hep/decode.hpp"

namespace hepcap::hep {

// Octets used, or the refusal: a Result that travels in two registers.  A variant goes through
// memory at each return, which shows where a message takes a hundred cycles.
struct Outcome {
    std::size_t used = 0;  // never 0 when accepted
    Refusal refusal{};

    static Outcome accepted(std::size_t used) { return {used, {}}; }
    static Outcome refused(Refusal refusal) { return {0, refusal}; }
    bool is_accepted() const { return used != 0; }
};

// What is missing in a packet that the snaplen cut is missing for that reason.
inline Refusal unless_cut(Refusal refusal, const capture::Datagram& carrier) {
    return carrier.is_cut ? Refusal::truncated : refusal;
}

inline Refusal refusal_from(InflateFailure failure) {
    return failure == InflateFailure::too_large ? Refusal::compressed_too_large : Refusal::corrupt_compressed;
}

// `datagram` starts with a version octet of 1 or 2.  Takes all of it: HEP1 and HEP2 have no length.
Outcome decode_v1v2(Bytes datagram, const capture::Datagram& carrier, Message& out);

// `rest` starts with one of the magics.
Outcome decode_v3(Bytes rest, const capture::Datagram& carrier, Inflater& inflater, Message& out);

}  // namespace hepcap::hep
