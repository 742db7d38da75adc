#include "sip/start_line.hpp"

#include <charconv>

#include "sip/scan.hpp"
#include "sip/uri.hpp"

namespace hepcap::sip {

namespace {

constexpr std::string_view sip_2_0 = "SIP/2.0";

// "SIP/" 1*DIGIT "." 1*DIGIT at the start of `text`; its length, or 0.
std::size_t version_length(std::string_view text) {
    if (text.size() < 7 || !equal_ignore_case(text.substr(0, 4), "SIP/")) return 0;
    if (text.size() > sip_2_0.size() && text.starts_with(sip_2_0) && text[sip_2_0.size()] == ' ')
        return sip_2_0.size();
    std::size_t i = 4;
    while (i < text.size() && is_digit(text[i])) ++i;
    if (i == 4 || i >= text.size() || text[i] != '.') return 0;
    const std::size_t dot = i++;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i == dot + 1 ? 0 : i;
}

// The first line without its line end.
std::string_view first_line(std::string_view text) {
    const std::size_t end = find_any<'\n'>(text);
    return text.substr(0, end < text.size() && end > 0 && text[end - 1] == '\r' ? end - 1 : end);
}

// Where the version stands at the end of a request line, or npos.
std::size_t find_request_version(std::string_view line) {
    if (line.size() > sip_2_0.size() + 1 && line.ends_with(" SIP/2.0")) return line.size() - sip_2_0.size();
    line = trim_right(line);
    std::size_t start = line.size();
    while (start > 0 && line[start - 1] != ' ' && line[start - 1] != '\t') --start;
    if (start == 0 || start == line.size()) return std::string_view::npos;
    const std::string_view word = line.substr(start);
    return version_length(word) == word.size() ? start : std::string_view::npos;
}

// Request-Line = Method SP Request-URI SP SIP-Version CRLF (RFC 3261 7.1).
void parse_request_line(std::string_view line, Message& m) {
    m.is_request = true;
    const std::size_t version = find_request_version(line);
    if (line.substr(version) != "SIP/2.0") {
        m.notes.add(equal_ignore_case(trim_right(line.substr(version)), "SIP/2.0") ? Note::bad_start_line
                                                                                   : Note::bad_version);
    }
    const std::size_t blank = find_any<' ', '\t'>(line);
    m.method = line.substr(0, blank);
    const std::string_view between = line.substr(blank, version - blank);
    const std::string_view uri = trim(between);
    if (uri.size() + 2 != between.size()) m.notes.add(Note::bad_start_line);
    if (!parse_uri(uri, m.request_uri)) {
        m.request_uri = {};
        m.request_uri.whole = uri;
        m.notes.add(Note::bad_request_uri);
    } else if (find_any<' ', '\t', '<', '>', '"'>(uri) < uri.size()) {
        m.notes.add(Note::bad_request_uri);
    }
}

// Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF (RFC 3261 7.2).
void parse_status_line(std::string_view line, Message& m) {
    const std::size_t version = version_length(line);
    if (line.substr(0, version) != "SIP/2.0") m.notes.add(Note::bad_version);
    std::string_view rest = line.substr(version);
    const std::size_t code = rest.find_first_not_of(" \t");
    if (code != 1) m.notes.add(Note::bad_start_line);
    rest = code == std::string_view::npos ? std::string_view{} : rest.substr(code);
    m.status_text = rest.substr(0, find_any<' ', '\t'>(rest));
    const auto [end, error] =
        std::from_chars(m.status_text.data(), m.status_text.data() + m.status_text.size(), m.status);
    if (error != std::errc{} || end != m.status_text.data() + m.status_text.size() ||
        m.status_text.size() != 3) {
        m.notes.add(Note::bad_start_line);
    }
    rest.remove_prefix(m.status_text.size());
    if (!rest.empty()) rest.remove_prefix(1);
    m.reason_phrase = rest;
}

}  // namespace

std::string_view skip_line_ends(std::string_view text) {
    while (!text.empty() && (text.front() == '\r' || text.front() == '\n')) text.remove_prefix(1);
    return text;
}

bool is_sip(std::string_view payload) {
    payload = skip_line_ends(payload);
    if (payload.size() < 11 || !is_token_char(payload.front())) return false;
    if (const std::size_t version = version_length(payload)) {
        // A status code must follow, however long it claims to be.
        std::size_t i = version;
        while (i < payload.size() && payload[i] == ' ') ++i;
        return i > version && i < payload.size() && is_digit(payload[i]);
    }
    std::size_t method = 0;
    while (method < payload.size() && is_token_char(payload[method])) ++method;
    if (method == payload.size() || (payload[method] != ' ' && payload[method] != '\t')) return false;
    const std::string_view line = first_line(payload);
    const std::size_t version = find_request_version(line);
    return version != std::string_view::npos && version > method + 1 &&
           !trim(line.substr(method, version - method)).empty();
}

void parse_start_line(std::string_view line, Message& m) {
    if (version_length(line) > 0) {
        parse_status_line(line, m);
    } else {
        parse_request_line(line, m);
    }
}

}  // namespace hepcap::sip
