// Base64 (RFC 4648 section 4): the values of keys that end in "_b64".
#pragma once

#include <string_view>

namespace hepcap::record {

// Base64 with padding of `octets`; `out` has room for 4 * ((octets.size() + 2) / 3).  Returns its end.
char* encode_base64(char* out, std::string_view octets);

// Writes the octets that `encoded` stands for to `out`, which has room for encoded.size() octets and may
// be where `encoded` begins; returns their end, or nullptr if `encoded` is no base64.  Padding may be
// missing, as it is with some writers; line breaks and the URL alphabet are refused.
char* decode_base64(char* out, std::string_view encoded);

}  // namespace hepcap::record
