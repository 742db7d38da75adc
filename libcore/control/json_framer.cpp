#include "control/json_framer.hpp"

#include "base/ascii.hpp"

namespace hepcap::control {

void JsonFramer::clear() {
    buffer_.clear();
    begin_ = scanned_ = depth_ = 0;
    in_string_ = after_backslash_ = false;
}

void JsonFramer::skip_blanks() {
    while (begin_ < buffer_.size() && is_blank(buffer_[begin_])) ++begin_;
    if (begin_ == buffer_.size()) {
        clear();
    } else if (begin_ > limit_) {
        buffer_.erase(0, begin_);
        begin_ = 0;
    }
    scanned_ = begin_;
    depth_ = 0;
    in_string_ = after_backslash_ = false;
}

std::size_t JsonFramer::find_end() {
    const bool is_bracketed = buffer_[begin_] == '{' || buffer_[begin_] == '[';
    for (; scanned_ < buffer_.size(); ++scanned_) {
        const char c = buffer_[scanned_];
        if (!is_bracketed) {
            if (c == '\n') return scanned_ + 1;
        } else if (in_string_) {
            if (c == '\n') return scanned_ + 1;
            if (after_backslash_) {
                after_backslash_ = false;
            } else if (c == '\\') {
                after_backslash_ = true;
            } else if (c == '"') {
                in_string_ = false;
            }
        } else if (c == '"') {
            in_string_ = true;
        } else if (c == '{' || c == '[') {
            ++depth_;
        } else if ((c == '}' || c == ']') && --depth_ == 0) {
            return scanned_ + 1;
        }
    }
    return std::string::npos;
}

std::optional<std::string_view> JsonFramer::next() {
    if (scanned_ == begin_) skip_blanks();
    if (begin_ == buffer_.size()) return std::nullopt;
    const std::size_t end = find_end();
    if (end == std::string::npos) return std::nullopt;
    const std::string_view text(buffer_.data() + begin_, end - begin_);
    begin_ = scanned_ = end;
    return text;
}

std::string_view JsonFramer::rest() {
    skip_blanks();
    std::string_view text(buffer_);
    text.remove_prefix(begin_);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    begin_ = scanned_ = buffer_.size();
    return text;
}

}  // namespace hepcap::control
