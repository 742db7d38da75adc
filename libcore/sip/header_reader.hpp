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
    bool is_valid = false;  // a colon with a name before it
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
    std::string_view line_to(const char* feed);

    const char* next_;
    const char* end_;
    LineFeeds feeds_;
    bool found_empty_line_ = false;
};

// The line from next_ to the line feed (or the end) at `feed`; next_ then stands behind it.
inline std::string_view HeaderReader::line_to(const char* feed) {
    std::string_view line{next_, static_cast<std::size_t>(feed - next_)};
    if (line.ends_with('\r')) line.remove_suffix(1);
    next_ = feed < end_ ? feed + 1 : end_;
    return line;
}

inline std::string_view HeaderReader::take_line() { return line_to(feeds_.next()); }

// Position of the first colon, or text.size(); but for long names it stands in the first sixteen octets.
inline std::size_t find_colon(std::string_view text) {
#if defined(__SSE2__)
    if (const unsigned hits = stop_bits<':'>(load_up_to_16(text.data(), text.size()))) {
        return std::min<std::size_t>(static_cast<unsigned>(std::countr_zero(hits)), text.size());
    }
#endif
    return find_any<':'>(text);
}

inline bool HeaderReader::next(HeaderField& field) {
    const char* const line = next_;
    if (line == end_) return false;
    const char* feed = feeds_.next();
    if (feed - line <= 1 && (feed == line || *line == '\r')) {
        next_ = feed < end_ ? feed + 1 : end_;
        found_empty_line_ = true;
        return false;
    }
    // A line that starts with a blank goes on with the one before (RFC 3261 7.3.1).
    while (end_ - feed > 1 && feed[1] <= ' ' && (feed[1] == ' ' || feed[1] == '\t')) feed = feeds_.next();
    next_ = feed < end_ ? feed + 1 : end_;
    const char* const stop = feed[-1] == '\r' ? feed - 1 : feed;
    const std::size_t colon = find_colon({line, static_cast<std::size_t>(stop - line)});
    const char* value = line + colon;
    field.is_valid = value < stop && colon > 0;
    if (!field.is_valid) [[unlikely]]
        return true;
    std::size_t name = colon;
    while (line[name - 1] <= ' ' && (line[name - 1] == ' ' || line[name - 1] == '\t')) {
        if (--name == 0) {
            field.is_valid = false;
            return true;
        }
    }
    field.name = {line, name};
    field.value = trim_left({value + 1, static_cast<std::size_t>(stop - value - 1)});
    return true;
}

}  // namespace hepcap::sip
