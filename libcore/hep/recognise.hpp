// Telling HEP from everything else on the wire, by content alone: ports say nothing, and a HEP1
// header has one octet that never changes.  Cheap, because it is asked of every UDP payload.
#pragma once

#include "base/bytes.hpp"

namespace hepcap::hep {

// "HEP3", or one of its other spellings: "EEP3" (specification rev. 37) and "EEP1" (2013 draft).
bool starts_with_magic(Bytes octets);

// Whether the octets are worth a Decoder: HEP in any version, HEP3 inside gzip, or heplify's
// protobuf form, which the Decoder refuses under its own name.
//
// HEP1 and HEP2 are believed when version, family and IP protocol are known ones and SIP stands
// where the payload must be; the header length octet is not asked, because some senders leave
// garbage there.  A HEP1/HEP2 header alone, whole or cut short, is believed only when all of its
// first four octets are exactly right.
bool looks_like_hep(Bytes payload);

// A SIP start line, or the beginning of one: "SIP/2.0", or a method and a SIP, SIPS or TEL URI, or
// any first line that ends in "SIP/2.0".  Empty lines before it are allowed (RFC 3261, 7.5).
bool starts_like_sip(Bytes payload);

// heplify's protobuf form: two small integers, then two addresses as text.
bool is_heplify_protobuf(Bytes octets);

bool is_gzip(Bytes octets);

}  // namespace hepcap::hep
