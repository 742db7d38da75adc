// Text as JSON strings (RFC 8259 7), the hottest loop of the house.
//
// Two ways, chosen by what the text is.  Header values are short and almost never hold anything to
// escape: they are copied and looked at in one go, 8 octets at a time or 16.  Payloads are long and
// have two line-end characters a line: they go through a kernel that copies a block, finds what needs
// an escape with one comparison and goes on behind it; on x86-64 the 32-octet one is picked at run
// time where the processor has AVX2.
//
// Only UTF-8 without NUL becomes a string; anything else is the caller's to write as base64, so that
// no octet is lost and none is guessed.
#pragma once

#include <cstddef>
#include <string_view>

namespace hepcap::record {

// Octets that the escaped form of `size` octets may take, quotes not counted.
constexpr std::size_t max_escaped_size(std::size_t size) { return 6 * size; }

// Writes the escaped form of `text` (without quotes) to `out`, which has room for
// max_escaped_size(text.size()) octets and 32 of slack; returns its end, or nullptr if `text` is no
// UTF-8 or holds a NUL (what stands at `out` is then undefined).
char* escape_json(char* out, std::string_view text);

}  // namespace hepcap::record
