// JSON strings back into text: the reverse of json_text, for payloads.  A SIP message has a line end
// every forty octets, which in JSON is four: they are recognised whole, and what is between is copied
// by blocks; on x86-64 the kernel of 32 octets is picked at run time where the processor has AVX2.
#pragma once

namespace hepcap::record {

struct Unescaped {
    const char* stop = nullptr;  // the closing quote, or what is no business of this function
    char* end = nullptr;         // of what was written
    bool has_high = false;       // there were octets above 127: whether they are UTF-8 is to be checked
};

// Writes what the string at `from`, behind the quote, stands for to `to`, up to the closing quote, a
// control character, or an escape that is bad or begins with \u, which is for a thorough parser.
//
// Behind the string there must be such an octet in any case, and 32 octets that are readable; behind
// the text at `to` there must be 32 octets of room.
Unescaped unescape_json(const char* from, char* to);

}  // namespace hepcap::record
