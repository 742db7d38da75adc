// URIs and addresses of SIP header fields.  All results are views into the argument.
#pragma once

#include <optional>
#include <string_view>

#include "sip/message.hpp"
#include "sip/scan.hpp"

namespace hepcap::sip {

// Reads a URI: a sip, sips or tel URI into its parts (RFC 3261 19.1, RFC 3966), any other absolute URI as
// `whole` and `scheme` alone.  Nothing for text that is no URI.
std::optional<Uri> parse_uri(std::string_view text);

struct AddressResult {
    NameAddr address;
    std::string_view rest;  // behind a comma: the next address of a list
    bool has_uri = false;   // the URI could be read
};

// Reads the first address of a header field that holds addresses.  `commas_separate` is true for
// lists (Contact, P-Asserted-Identity …) and false for From and To.  Nothing where the text is no
// address at all: an unclosed quote or angle bracket, or no URI.
std::optional<AddressResult> parse_address(std::string_view text, bool commas_separate);

// The value of the parameter `name` (any case) in "a=b;c;d=\"e\"", quotes taken off; empty if absent.
std::string_view find_parameter(std::string_view parameters, std::string_view name);

}  // namespace hepcap::sip
