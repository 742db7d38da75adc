// HEP datagrams into hep::Message: versions 1, 2 and 3 in one decoder.
//
// The decoder is lenient with what real senders do and says so in Message::notes; what it refuses,
// it refuses by a named cause.  It keys on vendor ID and type ID together: a vendor's chunk never
// becomes a generic one.  A chunk of a fixed-size kind with another size is left out, a repeated
// chunk replaces the earlier one, and no chunk is mandatory: what is missing is absent.
//
// A datagram may hold several messages, so the caller loops:
//
//     for (Bytes rest = datagram.payload; !rest.empty();) {
//         const auto used = decoder.decode(rest, datagram, message);
//         if (!used) { count(used.error()); break; }
//         …
//         rest = rest.subspan(*used);
//     }
#pragma once

#include "base/result.hpp"
#include "capture/datagram.hpp"
#include "hep/inflate.hpp"
#include "hep/message.hpp"
#include "hep/recognise.hpp"

namespace hepcap::hep {

// Why octets are no HEP message.
enum class Refusal : std::uint8_t {
    short_header,               // fewer than the six octets of a HEP3 header
    unknown_magic,              // none of HEP3, EEP3, EEP1, version 1, version 2
    heplify_protobuf,           // heplify's protobuf form, which is not decoded
    bad_total_length,           // smaller than the header that holds it
    length_beyond_datagram,     // the total length claims more than arrived
    truncated,                  // the same, or a short header, because of the capture's snaplen
    chunk_length_below_header,  // 0 to 5
    chunk_beyond_message,       // a chunk claims more than the message has
    too_many_chunks,
    short_fixed_header,    // HEP1/HEP2: the octets end within the header
    unsupported_family,    // HEP1/HEP2: an address family of unknown address size
    missing_payload,       // HEP1/HEP2: nothing after the header
    corrupt_compressed,    // no stream of a known kind, or it does not end where its chunk ends
    compressed_too_large,  // it grows beyond what a captured message can be
    count_,
};

std::string_view refusal_name(Refusal refusal);

struct Outcome;  // decode_versions.hpp

class Decoder {
public:
    // No real message has more than 40; each costs a step, and a datagram has room for 10,000.
    static constexpr std::size_t max_chunks = 1024;

    // Decodes the first message in `rest`, the part of a datagram not yet decoded, and returns how
    // many octets it took: at least one, at most all.  Octets after it that are no further HEP3
    // message are taken too, and noted.
    //
    // `out` points into `rest` and, where something was compressed, into this decoder: it is valid
    // until the next call.  When refused, `out` says who carried the octets; when refused as
    // `truncated`, also what the chunks said that were captured whole, so that it can be told
    // whose message is lost.
    Result<std::size_t, Refusal> decode(Bytes rest, const capture::Datagram& carrier, Message& out);

private:
    Outcome decode_any(Bytes rest, const capture::Datagram& carrier, Message& out);
    Outcome decode_gzip(Bytes rest, const capture::Datagram& carrier, Message& out);

    Inflater frame_inflater_;  // a compressed message may hold a compressed payload: two buffers
    Inflater payload_inflater_;
};

}  // namespace hepcap::hep
