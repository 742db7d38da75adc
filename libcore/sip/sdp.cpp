#include "sip/sdp.hpp"

#include <charconv>

#include "sip/scan.hpp"

namespace hepcap::sip {

namespace {

// Payload types with a fixed meaning (RFC 3551, table 4 and 5).
std::string_view static_codec(std::string_view payload_type) {
    struct Row {
        std::string_view type;
        std::string_view name;
    };
    constexpr Row rows[] = {{"0", "PCMU"},   {"3", "GSM"},   {"4", "G723"},  {"5", "DVI4"},  {"6", "DVI4"},
                            {"7", "LPC"},    {"8", "PCMA"},  {"9", "G722"},  {"10", "L16"},  {"11", "L16"},
                            {"12", "QCELP"}, {"13", "CN"},   {"15", "G728"}, {"18", "G729"}, {"26", "JPEG"},
                            {"31", "H261"},  {"33", "MP2T"}, {"34", "H263"}};
    for (const Row& row : rows) {
        if (row.type == payload_type) return row.name;
    }
    return payload_type;
}

std::string_view next_word(std::string_view& text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    const std::string_view word = text.substr(0, find_any<' '>(text));
    text.remove_prefix(word.size());
    return word;
}

// The SDP in the body: all of it, or the part of a multipart body that begins with v=0.
std::string_view find_sdp(std::string_view content_type, std::string_view body) {
    constexpr std::string_view sdp_type = "application/sdp";
    if (equal_ignore_case(content_type.substr(0, sdp_type.size()), sdp_type)) return body;
    constexpr std::string_view multipart = "multipart/";
    if (!equal_ignore_case(content_type.substr(0, multipart.size()), multipart)) return {};
    const std::size_t start = body.find("\nv=0");
    return start == std::string_view::npos ? std::string_view{} : body.substr(start + 1);
}

// m=<media> <port>["/"<count>] <proto> <format> … (RFC 4566 5.14)
void parse_media(std::string_view value, Sdp& sdp) {
    next_word(value);
    const std::string_view port = next_word(value);
    const std::string_view digits = port.substr(0, find_any<'/'>(port));
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc{} && end == digits.data() + digits.size()) sdp.port = number;
    sdp.has_media = true;
    next_word(value);
    for (std::string_view word = next_word(value); !word.empty() && sdp.format_count < Sdp::max_formats;
         word = next_word(value)) {
        sdp.codecs[sdp.format_count++] = word;
    }
}

// a=rtpmap:<payload type> <encoding name>/<clock rate> … (RFC 4566 6).  `types` holds the m= line's
// numbers while `codecs` is filled with names.
void parse_rtpmap(std::string_view value, const std::array<std::string_view, Sdp::max_formats>& types,
                  Sdp& sdp) {
    const std::string_view type = next_word(value);
    const std::string_view encoding = next_word(value);
    for (std::size_t i = 0; i < sdp.format_count; ++i) {
        if (types[i] == type) sdp.codecs[i] = encoding.substr(0, find_any<'/'>(encoding));
    }
}

bool is_direction(std::string_view value) {
    return value == "sendrecv" || value == "sendonly" || value == "recvonly" || value == "inactive";
}

}  // namespace

Sdp parse_sdp(std::string_view content_type, std::string_view body) {
    Sdp sdp;
    body = find_sdp(content_type, body);
    std::array<std::string_view, Sdp::max_formats> types;
    while (!body.empty()) {
        const std::size_t newline = body.find('\n');
        std::string_view line = body.substr(0, newline);
        body.remove_prefix(newline == std::string_view::npos ? body.size() : newline + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with("--")) break;  // the next part of a multipart body
        if (line.size() < 2 || line[1] != '=') continue;
        std::string_view value = line.substr(2);
        if (line[0] == 'm') {
            if (sdp.has_media) break;  // only the first media description counts
            parse_media(value, sdp);
            types = sdp.codecs;
            for (std::size_t i = 0; i < sdp.format_count; ++i) sdp.codecs[i] = static_codec(types[i]);
        } else if (line[0] == 'c') {  // c=<nettype> <addrtype> <address>[/ttl]
            next_word(value);
            next_word(value);
            const std::string_view address = next_word(value);
            sdp.address = address.substr(0, find_any<'/'>(address));
        } else if (line[0] == 'a') {
            if (value.starts_with("rtpmap:")) {
                parse_rtpmap(value.substr(7), types, sdp);
            } else if (is_direction(value)) {
                sdp.direction = value;
            }
        }
    }
    return sdp;
}

}  // namespace hepcap::sip
