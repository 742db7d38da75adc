// The header fields of a message, one after the other, folded lines whole (RFC 3261 7.3.1).  In a
// header, because the loop that parses a message keeps the reader's state in registers.
#pragma once

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

inline bool HeaderReader::next(HeaderField& field) {
    if (next_ == end_) return false;
    const char* feed = feeds_.next();
    const bool is_empty = feed == next_ || (*next_ == '\r' && feed == next_ + 1);
    if (!is_empty) {
        // A line that starts with a blank goes on with the one before (RFC 3261 7.3.1).
        while (end_ - feed > 1 && (feed[1] == ' ' || feed[1] == '\t')) feed = feeds_.next();
    }
    const std::string_view line = line_to(feed);
    if (is_empty) {
        found_empty_line_ = true;
        return false;
    }
    const std::size_t colon = find_any<':'>(line);  // in the first sixteen octets, but for long names
    std::size_t name = colon;
    while (name > 0 && (line[name - 1] == ' ' || line[name - 1] == '\t')) --name;
    field.is_valid = colon < line.size() && name > 0;
    field.name = line.substr(0, name);
    field.value = field.is_valid ? trim_left(line.substr(colon + 1)) : std::string_view{};
    return true;
}

}  // namespace hepcap::sip
