// The header fields of a message, one after the other, folded lines whole (RFC 3261 7.3.1).  In a
// header, because the loop that parses a message keeps the reader's state in registers.
#pragma once

#include <algorithm>
#include <bit>
#include <string_view>

#include "sip/lines.hpp"
#include "sip/scan.hpp"

namespace hepcap::sip {

// One header field.  The value includes folds, not its line end.
struct HeaderField {
    std::string_view name;
    std::string_view value;
    bool is_valid = false;  // a colon with a name before it; without, name and value mean nothing
};

class HeaderReader {
public:
    // `text`: the message, or its part from any header line on.
    explicit HeaderReader(std::string_view text)
        : next_(text.data()), end_(text.data() + text.size()), feeds_(text) {}

    // Takes one line without its line end, whatever it is: the start line.
    std::string_view take_line();

    // The next header field; false at the empty line, which is stepped over, or at the end.
    bool next(HeaderField& field);

    bool found_empty_line() const { return found_empty_line_; }
    std::string_view rest() const { return {next_, static_cast<std::size_t>(end_ - next_)}; }

private:
    // Behind the line feed at `feed`, or at the end if there was none.
    const char* behind(const char* feed) const { return feed < end_ ? feed + 1 : end_; }

    const char* next_;
    const char* end_;
    LineFeeds feeds_;
    bool found_empty_line_ = false;
};

inline std::string_view HeaderReader::take_line() {
    const char* const feed = feeds_.next();
    std::string_view line{next_, static_cast<std::size_t>(feed - next_)};
    if (line.ends_with('\r')) line.remove_suffix(1);
    next_ = behind(feed);
    return line;
}

// Position of the first colon, or text.size(); but for long names it stands in the first sixteen octets.
inline std::size_t find_colon(std::string_view text) {
#if defined(__SSE2__)
    if (const unsigned hits = stop_bits<':'>(load_up_to_16(text.data(), text.size()))) {
        return std::min<std::size_t>(static_cast<unsigned>(std::countr_zero(hits)), text.size());
    }
    return text.size() > 16 ? find_any<':'>(text, 16) : text.size();
#else
    return find_any<':'>(text);
#endif
}

// Nearly every character is above the blanks: one comparison tells.
inline bool is_blank_in_line(char c) { return c <= ' ' && (c == ' ' || c == '\t'); }

inline bool HeaderReader::next(HeaderField& field) {
    const char* const line = next_;
    if (line == end_) return false;
    const char* feed = feeds_.next();
    if (feed - line <= 1 && (feed == line || *line == '\r')) {
        next_ = behind(feed);
        found_empty_line_ = true;
        return false;
    }
    // A line that starts with a blank goes on with the one before (RFC 3261 7.3.1).
    while (end_ - feed > 1 && is_blank_in_line(feed[1])) feed = feeds_.next();
    next_ = behind(feed);
    const char* const stop = feed[-1] == '\r' ? feed - 1 : feed;
    const std::size_t name_end = find_colon({line, static_cast<std::size_t>(stop - line)});
    const char* const colon = line + name_end;
    field.is_valid = colon < stop && name_end > 0;
    if (!field.is_valid) [[unlikely]]
        return true;
    std::size_t name = name_end;
    while (is_blank_in_line(line[name - 1])) {
        if (--name == 0) {
            field.is_valid = false;
            return true;
        }
    }
    field.name = {line, name};
    field.value = trim_left({colon + 1, static_cast<std::size_t>(stop - colon - 1)});
    return true;
}

}  // namespace hepcap::sip
