#include "sip/uri.hpp"

#include "sip/parameters.hpp"

namespace hepcap::sip {

namespace {

constexpr std::size_t broken = static_cast<std::size_t>(-1);

constexpr std::string_view sip_scheme = "sip:";  // what nearly all URIs begin with, spelled so

bool has_sip_scheme(std::string_view text) {
    return text.size() > sip_scheme.size() && equal_octets(text.data(), sip_scheme.data(), sip_scheme.size());
}

// host [":" port] at the start of `text`, up to parameters or headers; where they begin, or `broken` if
// the host is empty or no host, or the port no number below 65536.  Any of `Others` ends them as well.
template <char... Others>
std::size_t parse_host_port(std::string_view text, Uri& uri) {
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = find_any<']', ' ', '>', '"'>(text);
        if (end == text.size() || text[end] != ']') return broken;
        ++end;
    } else {
        end = find_any<':', ';', '?', ' ', '\t', '\r', '\n', '<', '"', Others...>(text);
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
    if (end < text.size() && text[end] != ';' && text[end] != '?' && ((text[end] != Others) && ...))
        return broken;
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

enum class Ends : bool { with_text, at_bracket };

// user@host[:port][;parameters] from behind "sip:" to the end of `text` or a '>', read in one go, as nearly
// every URI is written; where that is, or `broken` if it is written otherwise and must be taken apart by
// parse_sip_parts, which would find the same.
std::size_t read_plain_parts(std::string_view text, Ends ends, Uri& uri) {
    const std::size_t at = find_any<'@', ':', '>'>(text);
    if (at >= text.size() || text[at] != '@') return broken;
    Uri parts = uri;
    std::size_t end = parse_host_port<'>'>(text.substr(at + 1), parts);
    if (end == broken) return broken;
    end += at + 1;
    if (end < text.size() && text[end] == ';') {
        const std::size_t parameters = end + 1;
        end = find_any<'>', '?', ' ', '\t', '\r', '\n'>(text, parameters);
        parts.parameters = text.substr(parameters, end - parameters);
    }
    const bool at_bracket = end < text.size() && text[end] == '>';
    if (at_bracket != (ends == Ends::at_bracket) || (!at_bracket && end < text.size())) return broken;
    uri = parts;
    uri.user = text.substr(0, at);
    return end;
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
    if (has_sip_scheme(text)) {
        uri.scheme = text.substr(0, sip_scheme.size() - 1);
        const std::string_view rest = text.substr(sip_scheme.size());
        return read_plain_parts(rest, Ends::with_text, uri) != broken || parse_sip_parts(rest, uri);
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

namespace {

// An address as nearly every sender writes it, "name" <sip:user@host> or without the name, up to the '>';
// where that stands, or `broken` if the address is written otherwise and must be taken apart.
std::size_t read_plain_address(std::string_view text, NameAddr& address) {
    std::size_t open = 0;
    std::string_view name;
    if (text.starts_with('"')) {
        const std::size_t quote = find_any<'"', '\\'>(text, 1);
        open = quote + 1;
        if (open < text.size() && text[open] == ' ') ++open;
        if (open >= text.size() || text[quote] != '"') return broken;
        name = text.substr(1, quote - 1);
    }
    if (open >= text.size() || text[open] != '<' || !has_sip_scheme(text.substr(open + 1))) return broken;
    const std::size_t parts = open + 1 + sip_scheme.size();
    const std::size_t size = read_plain_parts(text.substr(parts), Ends::at_bracket, address.uri);
    if (size == broken) return broken;
    address.display_name = name;
    address.uri.whole = text.substr(open + 1, sip_scheme.size() + size);
    address.uri.scheme = text.substr(open + 1, sip_scheme.size() - 1);
    return parts + size;
}

// Any other up to its end; `behind` is what follows.
AddressOutcome read_address(std::string_view text, Commas commas, NameAddr& address,
                            std::string_view& behind) {
    const std::size_t stop = text.starts_with('<')        ? 0
                             : commas == Commas::separate ? find_unquoted<',', ';', '<'>(text)
                                                          : find_unquoted<';', '<'>(text);
    std::string_view uri_text;
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

    const AddressOutcome outcome{true, parse_uri(uri_text, address.uri), {}};
    if (!outcome.has_uri) {
        address.uri = {};
        address.uri.whole = uri_text;
    }
    return outcome;
}

}  // namespace

AddressOutcome parse_address(std::string_view text, Commas commas, NameAddr& address) {
    text = trim_left(text);
    AddressOutcome outcome{true, true, {}};
    std::string_view behind;
    if (const std::size_t close = read_plain_address(text, address); close != broken) {
        behind = text.substr(close + 1);
    } else {
        outcome = read_address(text, commas, address, behind);
        if (!outcome.is_address) return outcome;
    }
    if (behind.empty()) return outcome;
    if (commas == Commas::separate) {
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

}  // namespace hepcap::sip
