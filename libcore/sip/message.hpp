// A SIP message as views into its octets: nothing is copied, nothing is changed, nothing is lost.
// Terms are those of RFC 3261.  What a header field says is kept as it was sent, trailing blanks and
// line folds included, because Kamailio's capture tables hold it so; only the blanks before a field
// value are left out.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/flag_set.hpp"

namespace hepcap::sip {

// sip:user:password@host:port;parameters?headers (RFC 3261 19.1.1), or a tel URI (RFC 3966), whose
// number stands in `user`.  `host` keeps the brackets of an IPv6 reference.
struct Uri {
    std::string_view whole;
    std::string_view scheme;
    std::string_view user;
    std::string_view host;
    std::uint16_t port = 0;       // 0 where none is given
    std::string_view parameters;  // without the first semicolon
};

// A name-addr or addr-spec with its header parameters (RFC 3261 25.1).
struct NameAddr {
    std::string_view display_name;  // without the quotes, escapes as sent
    Uri uri;
    std::string_view parameters;  // after the address, without the first semicolon
    std::string_view tag;
};

// What was wrong.  Each has a word for the record's `parse` array; see note_name().
enum class Note : std::uint8_t {
    truncated,  // the capture holds only the beginning of the message
    leading_crlf,
    bad_version,     // not SIP/2.0
    bad_start_line,  // blanks where there should be one, or a status code that is none
    bad_request_uri,
    bad_header_line,  // no colon, or no name before it
    no_end_of_headers,
    no_via,
    no_from,
    no_to,
    no_callid,
    no_cseq,
    bad_from,
    bad_to,
    bad_contact,
    bad_cseq,
    cseq_mismatch,  // CSeq names another method than the request line
    bad_content_length,
    short_body,   // fewer octets than Content-Length says
    extra_bytes,  // more octets than Content-Length says
    count_,
};

std::string_view note_name(Note note);

using Notes = FlagSet<Note>;

struct Message {
    bool is_request = false;
    bool has_contact_star = false;
    std::uint16_t status = 0;        // replies
    std::string_view method;         // requests
    std::string_view status_text;    // replies: the three digits
    std::string_view reason_phrase;  // replies
    Uri request_uri;                 // requests
    NameAddr from;
    NameAddr to;
    NameAddr contact;  // the last of the first Contact header field, as Kamailio stores it
    std::string_view call_id;
    std::string_view cseq;
    std::string_view cseq_method;
    std::string_view via;            // the first header line, whole
    std::string_view via_branch;     // of its first value
    std::string_view identity_user;  // P-Asserted-Identity, P-Preferred-Identity, Remote-Party-ID
    std::string_view auth_user;
    std::string_view diversion;
    std::string_view reason;  // the Reason header field (RFC 3326)
    std::string_view content_type;
    std::string_view user_agent;
    std::string_view server;
    std::string_view expires;
    std::string_view rtp_stat;
    std::string_view originator_host;  // X-OIP
    std::int32_t originator_port = -1;
    std::string_view call_id_aleg;  // see HeaderNames
    std::array<std::string_view, 3> custom;
    std::string_view header_block;  // from the line after the start line to the empty line
    std::string_view body;
    Notes notes;
};

}  // namespace hepcap::sip
