#include "sip/sdp.hpp"

#include <charconv>

#include "sip/lines.hpp"
#include "sip/scan.hpp"

namespace hepcap::sip {

namespace {

// Payload types with a fixed meaning (RFC 3551, table 4 and 5), by number.
constexpr std::array<std::string_view, 35> static_codecs{
    "PCMU",  "",   "",     "GSM",  "G723", "DVI4", "DVI4", "LPC",  "PCMA", "G722", "L16", "L16",
    "QCELP", "CN", "",     "G728", "",     "",     "G729", "",     "",     "",     "",    "",
    "",      "",   "JPEG", "",     "",     "",     "",     "H261", "",     "MP2T", "H263"};

std::string_view static_codec(std::string_view payload_type) {
    const std::string_view t = payload_type;
    if (t.empty() || t.size() > 2 || !is_digit(t[0]) || !is_digit(t.back())) return payload_type;
    const auto digit = [](char c) { return static_cast<std::size_t>(c - '0'); };
    const std::size_t number = t.size() == 1 ? digit(t[0]) : digit(t[0]) * 10 + digit(t[1]);
    const bool is_known =
        number < static_codecs.size() && !static_codecs[number].empty() && (t[0] != '0' || t.size() == 1);
    return is_known ? static_codecs[number] : payload_type;
}

// Takes the next word off `text`, up to a blank or one of `Ends`, which stays.
template <char... Ends>
std::string_view next_word(std::string_view& text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    const std::string_view word = text.substr(0, find_any<' ', Ends...>(text));
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
    const std::string_view digits = next_word<'/'>(value);
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc{} && end == digits.data() + digits.size()) sdp.port = number;
    sdp.has_media = true;
    if (value.starts_with('/')) next_word(value);  // the count
    next_word(value);
    for (std::string_view word = next_word(value); !word.empty() && sdp.format_count < Sdp::max_formats;
         word = next_word(value)) {
        sdp.formats[sdp.format_count] = word;
        sdp.codecs[sdp.format_count++] = static_codec(word);
    }
}

// a=rtpmap:<payload type> <encoding name>/<clock rate> … (RFC 4566 6).
void parse_rtpmap(std::string_view value, Sdp& sdp) {
    const std::string_view type = next_word(value);
    const std::string_view encoding = next_word<'/'>(value);
    for (std::size_t i = 0; i < sdp.format_count; ++i) {
        if (equal(sdp.formats[i], type)) sdp.codecs[i] = encoding;
    }
}

bool is_direction(std::string_view value) {
    return value == "sendrecv" || value == "sendonly" || value == "recvonly" || value == "inactive";
}

}  // namespace

void Sdp::clear() {
    address = {};
    direction = {};
    has_media = false;
    port = -1;
    format_count = 0;
}

void parse_sdp(std::string_view content_type, std::string_view body, Sdp& sdp) {
    sdp.clear();
    body = find_sdp(content_type, body);
    const char* next = body.data();
    const char* const end = next + body.size();
    for (LineFeeds feeds(body); next < end;) {
        const char* const feed = feeds.next();
        std::string_view line{next, static_cast<std::size_t>(feed - next)};
        next = feed < end ? feed + 1 : end;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with("--")) break;  // the next part of a multipart body
        if (line.size() < 2 || line[1] != '=') continue;
        std::string_view value = line.substr(2);
        if (line[0] == 'm') {
            if (sdp.has_media) break;  // only the first media description counts
            parse_media(value, sdp);
        } else if (line[0] == 'c') {  // c=<nettype> <addrtype> <address>[/ttl]
            next_word(value);
            next_word(value);
            sdp.address = next_word<'/'>(value);
        } else if (line[0] == 'a') {
            if (value.starts_with("rtpmap:")) {
                parse_rtpmap(value.substr(7), sdp);
            } else if (is_direction(value)) {
                sdp.direction = value;
            }
        }
    }
}

}  // namespace hepcap::sip
