#include "hep/decode.hpp"

#include <array>

#include "hep/decode_versions.hpp"
#include "hep/wire.hpp"

namespace hepcap::hep {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Refusal::count_)> refusal_names{
    "short-header",
    "unknown-magic",
    "heplify-protobuf",
    "bad-total-length",
    "length-beyond-datagram",
    "truncated",
    "chunk-length-below-header",
    "chunk-beyond-message",
    "too-many-chunks",
    "short-fixed-header",
    "unsupported-family",
    "missing-payload",
    "corrupt-compressed",
    "compressed-too-large",
};
static_assert(!refusal_names.back().empty(), "one name for each refusal");

// What the payload claims to be and what it is.  A message inside the message is not opened: an
// agent that captures its own sending would make the depth endless.
void judge_payload(Message& out) {
    if (out.payload.empty()) return;
    const bool says_sip = out.protocol_type == ProtocolType::sip;
    if (says_sip && starts_like_sip(out.payload)) return;
    if (looks_like_hep(out.payload)) {
        out.notes.add(Note::nested_hep);
    } else if (says_sip) {
        out.notes.add(Note::not_sip);
    }
}

}  // namespace

std::string_view refusal_name(Refusal refusal) { return refusal_names[static_cast<std::size_t>(refusal)]; }

Result<std::size_t, Refusal> Decoder::decode(Bytes rest, const capture::Datagram& carrier, Message& out) {
    const Outcome outcome = decode_any(rest, carrier, out);
    if (!outcome.is_accepted()) return Unexpected{outcome.refusal};
    judge_payload(out);
    return outcome.used;
}

Outcome Decoder::decode_any(Bytes rest, const capture::Datagram& carrier, Message& out) {
    if (starts_with_magic(rest)) return decode_v3(rest, carrier, payload_inflater_, out);
    start_message(carrier, 0, out);
    if (rest.empty()) return Outcome::refused(unless_cut(Refusal::short_header, carrier));
    if (rest[0] == 1 || rest[0] == 2) return decode_v1v2(rest, carrier, out);
    if (is_gzip(rest)) return decode_gzip(rest, carrier, out);
    if (is_heplify_protobuf(rest)) return Outcome::refused(Refusal::heplify_protobuf);
    const bool may_be_magic = rest.size() < 4 && (rest[0] == 'H' || rest[0] == 'E');
    if (may_be_magic) return Outcome::refused(unless_cut(Refusal::short_header, carrier));
    return Outcome::refused(Refusal::unknown_magic);
}

// Some agents gzip the message as it goes to the wire, header and all.
Outcome Decoder::decode_gzip(Bytes rest, const capture::Datagram& carrier, Message& out) {
    const Result<Bytes, InflateFailure> frame = frame_inflater_.inflate(rest, Compression::gzip);
    if (!frame) return Outcome::refused(unless_cut(refusal_from(frame.error()), carrier));
    if (!starts_with_magic(*frame)) return Outcome::refused(Refusal::unknown_magic);
    const Outcome outcome = decode_v3(*frame, carrier, payload_inflater_, out);
    if (!outcome.is_accepted()) return outcome;
    out.notes.add(Note::compressed_frame);
    if (outcome.used < frame->size()) out.notes.add(Note::trailing_bytes);
    return Outcome::accepted(rest.size());
}

}  // namespace hepcap::hep
