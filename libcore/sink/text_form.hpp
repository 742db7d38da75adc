// Whether a text may stand in a text column, and where to cut one that is too long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hepcap::sink {

// True for UTF-8 (RFC 3629) without NUL.  A database that is told that anything else is text returns
// something else than it was given: it is stored as octets instead.
bool is_storable_text(std::string_view text);

// The longest beginning of `text` with at most `characters` characters, which is how varchar(N) counts:
// an octet that begins no UTF-8 sequence's continuation begins a character.
std::string_view cut_to_characters(std::string_view text, std::size_t characters);

// `text` as UTF-8 without NUL, for databases whose text holds nothing else: U+FFFD in place of each octet
// that belongs to no character, and of each NUL.  Appended to `out`; returns how many octets were replaced.
std::size_t append_replaced(std::string& out, std::string_view text);

}  // namespace hepcap::sink
