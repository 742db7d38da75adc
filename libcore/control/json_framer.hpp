// Cuts a stream of octets into JSON texts (RFC 8259), without understanding them.
//
// A text that begins with { or [ ends with the bracket that closes it, so that both one object a line
// and objects over several lines, as `kamctl monitor` writes them, are whole; any other text ends with
// its line, and is for the parser to refuse.  A line end within a string, which no JSON text has, ends
// the text too: what is broken does not swallow the request behind it.  Feeding octets one at a time or
// all at once cuts alike.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hepcap::control {

class JsonFramer {
public:
    // A text longer than `limit` is not waited for: is_too_long() then says so, and clear() starts anew.
    explicit JsonFramer(std::size_t limit) : limit_(limit) {}

    void append(std::string_view octets) { buffer_ += octets; }

    // The next whole text, valid until the next call of any member; none where more octets are needed.
    std::optional<std::string_view> next();

    // What is left when no more octets will come, without blanks around it; empty where nothing is.
    std::string_view rest();

    // Whether a text has begun that is not whole yet.
    bool is_within() const { return begin_ < buffer_.size(); }
    bool is_too_long() const { return buffer_.size() - begin_ > limit_; }
    void clear();

private:
    void skip_blanks();
    // Where the text that begins at begin_ ends; npos where it does not yet.
    std::size_t find_end();

    std::size_t limit_;
    std::string buffer_;
    std::size_t begin_ = 0;    // of the text; octets before it are done with
    std::size_t scanned_ = 0;  // octets before it need no second look
    std::size_t depth_ = 0;
    bool in_string_ = false;
    bool after_backslash_ = false;
};

}  // namespace hepcap::control
