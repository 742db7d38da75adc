// Text of others inside our sentences: a piece of a command line, a key, a table name.  It may be
// long and may hold control characters that would repaint a terminal; what comes out is short,
// printable ASCII between single quotes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hepcap {

// 'text', cut after `max` octets (three dots say so); octets outside printable ASCII become \xNN.
// Never for a text that may hold a password.
std::string excerpt(std::string_view text, std::size_t max = 40);

}  // namespace hepcap
