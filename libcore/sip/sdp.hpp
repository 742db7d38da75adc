// The first media description of an SDP body (RFC 4566), as far as a record needs it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hepcap::sip {

struct Sdp {
    // Payload formats of the m= line in their order; a call that offers more keeps the first ones.
    static constexpr std::size_t max_formats = 32;

    std::string_view address;    // of the media's c= line, else the session's
    std::string_view direction;  // sendrecv, sendonly, recvonly, inactive; of the media, else the session
    bool has_media = false;
    std::int32_t port = -1;  // -1: none, or none that a port can be
    // Of the m= line; what stands behind `format_count` in the arrays means nothing.
    std::size_t format_count = 0;
    std::array<std::string_view, max_formats> formats;  // payload types, as numbers
    std::array<std::string_view, max_formats> codecs;   // encoding names; the number where none is known

    // Makes it as new but for the arrays, which take longer to fill than a body to read.
    void clear();
};

// Reads `body`, a message body whose Content-Type is application/sdp, or multipart with such a part.
// Anything else gives an Sdp without address and media.
void parse_sdp(std::string_view content_type, std::string_view body, Sdp& sdp);

}  // namespace hepcap::sip
