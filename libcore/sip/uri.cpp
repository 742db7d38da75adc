#include "sip/uri.hpp"

namespace hepcap::sip {

namespace {

// host [":" port] at the start of `text`, up to parameters or headers; where they begin, or nothing if
// the host is empty or broken or the port is no number below 65536.
std::optional<std::size_t> parse_host_port(std::string_view text, Uri& uri) {
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = find_any<']', ' ', '>', '"'>(text);
        if (end == text.size() || text[end] != ']') return std::nullopt;
        ++end;
    } else {
        end = find_any<':', ';', '?', ' ', '\t', '\r', '\n', '<', '"'>(text);
    }
    uri.host = text.substr(0, end);
    if (uri.host.empty()) return std::nullopt;
    if (end < text.size() && text[end] == ':') {
        const std::size_t digits = end + 1;
        unsigned port = 0;
        for (end = digits; end < text.size() && is_digit(text[end]); ++end) {
            port = port * 10 + static_cast<unsigned>(text[end] - '0');
            if (port > 65535) return std::nullopt;
        }
        uri.port = static_cast<std::uint16_t>(port);
    }
    if (end < text.size() && text[end] != ';' && text[end] != '?') return std::nullopt;
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

}  // namespace

std::optional<Uri> parse_uri(std::string_view text) {
    Uri uri;
    uri.whole = text;
    const std::size_t colon = find_any<':'>(text);
    if (colon == text.size() || !is_scheme(text.substr(0, colon))) return std::nullopt;
    uri.scheme = text.substr(0, colon);
    std::string_view rest = text.substr(colon + 1);

    const bool is_plain_sip = uri.scheme == "sip";
    if (!is_plain_sip && (equal_ignore_case(uri.scheme, "tel") || equal_ignore_case(uri.scheme, "tels"))) {
        const std::size_t end = find_any<';', '?'>(rest);
        uri.user = rest.substr(0, end);
        if (end < rest.size()) uri.parameters = rest.substr(end + 1);
        if (uri.user.empty()) return std::nullopt;
        return uri;
    }
    if (!is_plain_sip && !equal_ignore_case(uri.scheme, "sip") && !equal_ignore_case(uri.scheme, "sips")) {
        // Another absolute URI, say urn:service:sos (RFC 5031): sound, but without parts that are known here.
        if (find_any<' ', '\t', '<', '>', '"'>(text) < text.size() || colon + 1 == text.size())
            return std::nullopt;
        return uri;
    }

    // An @ may stand unescaped nowhere but behind the userinfo, so the first one ends it; the user
    // part itself may hold ; and ? (user-unreserved).
    const std::size_t at = find_any<'@'>(rest);
    if (at < rest.size()) {
        const std::string_view userinfo = rest.substr(0, at);
        uri.user = userinfo.substr(0, find_any<':'>(userinfo));
        rest.remove_prefix(at + 1);
    }
    const auto end = parse_host_port(rest, uri);
    if (!end) return std::nullopt;
    if (*end < rest.size() && rest[*end] == ';') {
        uri.parameters = rest.substr(*end + 1);
        uri.parameters = uri.parameters.substr(0, find_any<'?'>(uri.parameters));
    }
    return uri;
}

std::optional<AddressResult> parse_address(std::string_view text, bool commas_separate) {
    AddressResult result;
    text = trim_left(text);
    const std::size_t stop =
        commas_separate ? find_unquoted<',', ';', '<'>(text) : find_unquoted<';', '<'>(text);
    std::string_view behind;

    std::string_view uri_text;
    if (stop != std::string_view::npos && text[stop] == '<') {
        std::string_view name = trim(text.substr(0, stop));
        if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
            name = name.substr(1, name.size() - 2);
        result.address.display_name = name;
        const std::size_t close = find_any<'>'>(text, stop);
        if (close == text.size()) return std::nullopt;
        uri_text = trim(text.substr(stop + 1, close - stop - 1));
        behind = text.substr(close + 1);
    } else {
        // addr-spec without brackets: what follows a semicolon belongs to the header field.
        if (text.starts_with('"')) return std::nullopt;
        uri_text = trim_right(text.substr(0, stop));
        if (stop != std::string_view::npos) behind = text.substr(stop);
    }
    if (uri_text.empty()) return std::nullopt;

    if (const auto uri = parse_uri(uri_text)) {
        result.address.uri = *uri;
        result.has_uri = true;
    } else {
        result.address.uri.whole = uri_text;
    }
    if (commas_separate) {
        const std::size_t comma = find_unquoted<','>(behind);
        if (comma != std::string_view::npos) {
            result.rest = behind.substr(comma + 1);
            behind = behind.substr(0, comma);
        }
    }
    behind = trim_left(behind);
    if (behind.starts_with(';')) {
        result.address.parameters = behind.substr(1);
        result.address.tag = find_parameter(result.address.parameters, "tag");
    }
    return result;
}

std::string_view find_parameter(std::string_view parameters, std::string_view name) {
    // The plain form, name=token and nothing quoted, as the first parameter: what a tag is.
    if (parameters.size() > name.size() && parameters[name.size()] == '=' && parameters.starts_with(name)) {
        const std::string_view value = parameters.substr(name.size() + 1);
        const std::size_t end = find_any<';', '"', ' ', '\t', '\r', '\n'>(value);
        if (end == value.size() || value[end] == ';') return value.substr(0, end);
    }
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
