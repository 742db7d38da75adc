#include "sip/uri.hpp"

namespace hepcap::sip {

namespace {

constexpr std::size_t broken = static_cast<std::size_t>(-1);

// host [":" port] at the start of `text`, up to parameters or headers; where they begin, or `broken` if
// the host is empty or no host, or the port no number below 65536.
std::size_t parse_host_port(std::string_view text, Uri& uri) {
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = find_any<']', ' ', '>', '"'>(text);
        if (end == text.size() || text[end] != ']') return broken;
        ++end;
    } else {
        end = find_any<':', ';', '?', ' ', '\t', '\r', '\n', '<', '"'>(text);
    }
    uri.host = text.substr(0, end);
    if (uri.host.empty()) return broken;
    if (end < text.size() && text[end] == ':') {
        const std::size_t digits = end + 1;
        unsigned port = 0;
        for (end = digits; end < text.size() && is_digit(text[end]); ++end) {
            port = port * 10 + static_cast<unsigned>(text[end] - '0');
            if (port > 65535) return broken;
        }
        uri.port = static_cast<std::uint16_t>(port);
    }
    if (end < text.size() && text[end] != ';' && text[end] != '?') return broken;
    return end;
}

// scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3261 25.1)
bool is_scheme(std::string_view text) {
    const auto is_letter = [](char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; };
    if (text.empty() || !is_letter(text.front())) return false;
    for (const char c : text) {
        if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return false;
    }
    return true;
}

// [userinfo "@"] host … behind "sip:" or "sips:" (RFC 3261 19.1.1).
bool parse_sip_parts(std::string_view rest, Uri& uri) {
    // An @ may stand unescaped nowhere but behind the userinfo, so the first one ends it; the user
    // part itself may hold ; and ? (user-unreserved).
    const std::size_t at = find_any<'@'>(rest);
    if (at < rest.size()) {
        const std::string_view userinfo = rest.substr(0, at);
        uri.user = userinfo.substr(0, find_any<':'>(userinfo));
        rest.remove_prefix(at + 1);
    }
    const std::size_t end = parse_host_port(rest, uri);
    if (end == broken) return false;
    if (end < rest.size() && rest[end] == ';') {
        const std::string_view behind = rest.substr(end + 1);
        uri.parameters = behind.substr(0, find_any<'?'>(behind));
    }
    return true;
}

}  // namespace

bool parse_uri(std::string_view text, Uri& uri) {
    uri.whole = text;
    constexpr std::string_view plain = "sip:";  // what nearly all are, spelled so
    if (text.size() > plain.size() && equal_octets(text.data(), plain.data(), plain.size())) {
        uri.scheme = text.substr(0, plain.size() - 1);
        return parse_sip_parts(text.substr(plain.size()), uri);
    }
    const std::size_t colon = find_any<':'>(text);
    if (colon == text.size() || !is_scheme(text.substr(0, colon))) return false;
    uri.scheme = text.substr(0, colon);
    const std::string_view rest = text.substr(colon + 1);
    if (equal_ignore_case(uri.scheme, "sip") || equal_ignore_case(uri.scheme, "sips")) {
        return parse_sip_parts(rest, uri);
    }
    if (equal_ignore_case(uri.scheme, "tel") || equal_ignore_case(uri.scheme, "tels")) {
        const std::size_t end = find_any<';', '?'>(rest);
        uri.user = rest.substr(0, end);
        if (end < rest.size()) uri.parameters = rest.substr(end + 1);
        return !uri.user.empty();
    }
    // Another absolute URI, say urn:service:sos (RFC 5031): sound, but without parts that are known here.
    return !rest.empty() && find_any<' ', '\t', '<', '>', '"'>(text) == text.size();
}

AddressOutcome parse_address(std::string_view text, Commas commas, NameAddr& address) {
    text = trim_left(text);
    const bool separate = commas == Commas::separate;
    const std::size_t stop = text.starts_with('<') ? 0
                             : separate            ? find_unquoted<',', ';', '<'>(text)
                                                   : find_unquoted<';', '<'>(text);
    std::string_view uri_text;
    std::string_view behind;
    if (stop != std::string_view::npos && text[stop] == '<') {
        std::string_view name = trim_right(text.substr(0, stop));
        if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
            name = name.substr(1, name.size() - 2);
        address.display_name = name;
        const std::size_t close = find_any<'>'>(text, stop);
        if (close == text.size()) return {};
        uri_text = trim(text.substr(stop + 1, close - stop - 1));
        behind = text.substr(close + 1);
    } else {
        // addr-spec without brackets: what follows a semicolon belongs to the header field.
        if (text.starts_with('"')) return {};
        uri_text = trim_right(text.substr(0, stop));
        if (stop != std::string_view::npos) behind = text.substr(stop);
    }
    if (uri_text.empty()) return {};

    AddressOutcome outcome{true, parse_uri(uri_text, address.uri), {}};
    if (!outcome.has_uri) {
        address.uri = {};
        address.uri.whole = uri_text;
    }
    if (behind.empty()) return outcome;
    if (separate) {
        const std::size_t comma = find_unquoted<','>(behind);
        if (comma != std::string_view::npos) {
            outcome.rest = behind.substr(comma + 1);
            behind = behind.substr(0, comma);
        }
    }
    behind = trim_left(behind);
    if (behind.starts_with(';')) {
        address.parameters = behind.substr(1);
        address.tag = find_parameter(address.parameters, "tag");
    }
    return outcome;
}

namespace {

// The value of `name` among plain parameters, name=token each with nothing quoted and no blanks up to
// the one looked for; nothing where another form comes first or none is found.
std::string_view find_plain_parameter(std::string_view parameters, std::string_view name) {
    for (;;) {
        const std::size_t end = find_any<';', '"', ' ', '\t', '\r', '\n'>(parameters);
        if (end < parameters.size() && parameters[end] != ';') return {};
        if (end > name.size() && parameters[name.size()] == '=' &&
            equal_ignore_case(parameters.substr(0, name.size()), name)) {
            return parameters.substr(name.size() + 1, end - name.size() - 1);
        }
        if (end == parameters.size()) return {};
        parameters.remove_prefix(end + 1);
    }
}

}  // namespace

std::string_view find_parameter(std::string_view parameters, std::string_view name) {
    const std::string_view plain = find_plain_parameter(parameters, name);
    if (!plain.empty()) return plain;
    while (!parameters.empty()) {
        const std::size_t end = find_unquoted<';'>(parameters);
        const std::string_view one = parameters.substr(0, end);
        const std::size_t equals = find_any<'='>(one);
        if (equals < one.size() && equal_ignore_case(trim(one.substr(0, equals)), name)) {
            std::string_view value = trim(one.substr(equals + 1));
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
                value = value.substr(1, value.size() - 2);
            }
            return value;
        }
        if (end == std::string_view::npos) break;
        parameters.remove_prefix(end + 1);
    }
    return {};
}

}  // namespace hepcap::sip
