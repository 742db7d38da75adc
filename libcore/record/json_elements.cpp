#include "record/json_elements.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace hepcap::record {
namespace {

bool is_between_elements(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == '[' || c == ']';
}

// Length of the raw text in front of the closing quote, or up to the end where there is none.
std::size_t raw_length(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
    return at < text.size() ? at : text.size();
}

// The four hexadecimal digits of \uXXXX.
std::optional<std::uint32_t> parse_unit(std::string_view digits) {
    if (digits.size() < 4) return std::nullopt;
    std::uint32_t unit = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + 4, unit, 16);
    if (error != std::errc{} || end != digits.data() + 4) return std::nullopt;
    return unit;
}

std::size_t write_utf8(std::uint32_t code, char* out) {
    if (code < 0x80) {
        out[0] = static_cast<char>(code);
        return 1;
    }
    if (code < 0x800) {
        out[0] = static_cast<char>(0xc0 | code >> 6);
        out[1] = static_cast<char>(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = static_cast<char>(0xe0 | code >> 12);
        out[1] = static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out[2] = static_cast<char>(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = static_cast<char>(0xf0 | code >> 18);
    out[1] = static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out[2] = static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out[3] = static_cast<char>(0x80 | (code & 0x3f));
    return 4;
}

char plain(char escaped) {
    switch (escaped) {
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        case 'b': return '\b';
        case 'f': return '\f';
        default: return escaped;
    }
}

}  // namespace

std::optional<std::string_view> JsonElements::next() {
    if (rest_.empty()) return std::nullopt;
    std::string_view element;
    if (rest_.front() == '"') {
        const std::size_t length = raw_length(rest_.substr(1));
        element = rest_.substr(1, length);
        rest_.remove_prefix(length + 2 < rest_.size() ? length + 2 : rest_.size());
        if (element.find('\\') != std::string_view::npos) element = unescape(element);
    } else {
        std::size_t length = 0;
        while (length < rest_.size() && rest_[length] != '"' && !is_between_elements(rest_[length])) ++length;
        element = rest_.substr(0, length);
        rest_.remove_prefix(length);
    }
    skip_to_element();
    return element;
}

void JsonElements::skip_to_element() {
    while (!rest_.empty() && is_between_elements(rest_.front())) rest_.remove_prefix(1);
}

// What comes out is never longer than what goes in: six characters \uXXXX are at most three octets,
// twelve of a surrogate pair four.
std::string_view JsonElements::unescape(std::string_view raw) {
    if (raw.size() > small_.size()) large_.resize(raw.size());
    char* const out = raw.size() > small_.size() ? large_.data() : small_.data();
    std::size_t written = 0;
    for (std::size_t at = 0; at < raw.size(); ++at) {
        if (raw[at] != '\\' || at + 1 == raw.size()) {
            out[written++] = raw[at];
            continue;
        }
        ++at;
        const std::optional<std::uint32_t> unit =
            raw[at] == 'u' ? parse_unit(raw.substr(at + 1)) : std::nullopt;
        if (!unit) {
            out[written++] = plain(raw[at]);
            continue;
        }
        std::uint32_t code = *unit;
        at += 4;
        if (code >= 0xd800 && code < 0xdc00 && raw.substr(at + 1).starts_with("\\u")) {
            const std::optional<std::uint32_t> low = parse_unit(raw.substr(at + 3));
            if (low && *low >= 0xdc00 && *low < 0xe000) {
                code = 0x10000 + ((code - 0xd800) << 10) + (*low - 0xdc00);
                at += 6;
            }
        }
        written += write_utf8(code, out + written);
    }
    return {out, written};
}

}  // namespace hepcap::record
