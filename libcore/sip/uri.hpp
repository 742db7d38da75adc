// URIs and addresses of SIP header fields.  All results are views into the argument.
#pragma once

#include <string_view>

#include "sip/message.hpp"
#include "sip/scan.hpp"

namespace hepcap::sip {

// Reads a URI into `uri`, which is as new: a sip, sips or tel URI into its parts (RFC 3261 19.1, RFC 3966),
// any other absolute URI as `whole` and `scheme` alone.  False for text that is no URI; `uri` then holds
// what was read so far.
bool parse_uri(std::string_view text, Uri& uri);

struct AddressOutcome {
    bool is_address = false;
    bool has_uri = false;   // the URI could be read; if not, it stands in Uri::whole
    std::string_view rest;  // behind a comma: the next address of a list
};

// Whether the addresses of a header field are a list (Contact, P-Asserted-Identity …) or one (From, To).
enum class Commas : bool { are_text, separate };

// Reads the first address of a header field into `address`, which is as new.  No address is text with
// an unclosed quote or angle bracket, or without a URI.
AddressOutcome parse_address(std::string_view text, Commas commas, NameAddr& address);

}  // namespace hepcap::sip
