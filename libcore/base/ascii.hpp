// Classes of characters, as protocols and file formats know them: ASCII, whatever the locale.
#pragma once

namespace hepcap {

// Space, tab, CR, LF: the blanks of SIP (folds included) and of JSON.
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace hepcap
