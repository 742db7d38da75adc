#include "control/mi.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace hepcap::control {

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

bool is_word(std::string_view text, std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

}  // namespace

void MiFramer::clear() {
    buffer_.clear();
    begin_ = 0;
}

std::optional<std::string_view> MiFramer::next() {
    // Empty lines between requests, those of a writer that ends with two of them.
    while (begin_ < buffer_.size() && (buffer_[begin_] == '\n' || buffer_[begin_] == '\r')) ++begin_;
    if (begin_ == buffer_.size()) {
        clear();
        return std::nullopt;
    }
    if (begin_ > limit_) {
        buffer_.erase(0, begin_);
        begin_ = 0;
    }
    for (std::size_t line = begin_; line < buffer_.size();) {
        const std::size_t end = buffer_.find('\n', line);
        if (end == std::string::npos) break;
        if (end == line || (end == line + 1 && buffer_[line] == '\r')) {
            const std::string_view text(buffer_.data() + begin_, line - begin_);
            begin_ = end + 1;
            return text;
        }
        line = end + 1;
    }
    return std::nullopt;
}

Result<MiRequest, MiCause> parse_mi(std::string_view text) {
    std::string_view head = trimmed(take_line(text));
    if (!head.starts_with(':')) return Unexpected{MiCause::no_colon};
    head.remove_prefix(1);
    const std::size_t separator = head.find(':');
    if (separator == std::string_view::npos) return Unexpected{MiCause::no_second_colon};
    if (separator == 0) return Unexpected{MiCause::no_command};
    MiRequest request;
    request.command = head.substr(0, separator);
    request.reply_name = head.substr(separator + 1);
    while (!text.empty()) {
        std::string_view argument = trimmed(take_line(text));
        // Writers may quote values and give them names, `mode::"on"`.
        if (const std::size_t name = argument.find("::"); name != std::string_view::npos) {
            argument = trimmed(argument.substr(name + 2));
        }
        if (argument.size() >= 2 && argument.front() == '"' && argument.back() == '"') {
            argument = argument.substr(1, argument.size() - 2);
        }
        if (!argument.empty()) request.arguments.emplace_back(argument);
    }
    return request;
}

std::string answer_mi(const MiRequest& request, CaptureSwitch& capture) {
    if (request.command != "sip_capture") {
        return fmt::format("500 command '{}' not available\n", request.command);
    }
    if (request.arguments.empty()) return fmt::format("200 OK\n{}\n\n", capture.is_on() ? "on" : "off");
    const bool is_on = is_word(request.arguments[0], "on");
    if (!is_on && !is_word(request.arguments[0], "off")) return "400 Bad parameter\n\n";
    capture.set(is_on);
    return "200 OK\n\n";
}

}  // namespace hepcap::control
