#include "record/extra_member.hpp"

#include <nlohmann/json.hpp>

namespace hepcap::record {
namespace {

// Members stay as they were written: only their ends are looked for, since what they hold may be nested
// deeper than a writer of JSON bears.  The object is well formed.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    bool is_text = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (is_text) {
            if (c == '\\') ++at;
            if (c == '"') is_text = false;
        } else if (c == '"') {
            is_text = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (depth > 0 && (c == '}' || c == ']')) {
            --depth;
        } else if (depth == 0 && (c == ',' || c == '}' || c == ':')) {
            return at;
        }
    }
    return at;
}

std::optional<std::string> plain_text(std::string_view json) {
    const auto value = nlohmann::json::parse(json, nullptr, false);
    if (!value.is_string()) return std::nullopt;
    return value.get<std::string>();
}

// Calls `take(name, member, value)` for each member; views of the object.
template <class Take>
void for_each_member(std::string_view object, Take take) {
    std::size_t at = object.find('{');
    while (at != std::string_view::npos && at + 1 < object.size()) {
        const std::size_t begin = at + 1;
        const std::size_t colon = end_of_value(object, begin);
        if (colon >= object.size() || object[colon] != ':') return;
        const std::size_t end = end_of_value(object, colon + 1);
        take(object.substr(begin, colon - begin), object.substr(begin, end - begin),
             object.substr(colon + 1, end - colon - 1));
        at = end < object.size() && object[end] == ',' ? end : std::string_view::npos;
    }
}

}  // namespace

std::optional<std::string> extra_text(const Json& extra, std::string_view name) {
    std::optional<std::string> found;
    for_each_member(extra.text, [&](std::string_view key, std::string_view, std::string_view value) {
        if (plain_text(key) == name) found = plain_text(value);
    });
    return found;
}

std::string with_extra_text(const Json& extra, std::string_view name, std::string_view text) {
    const auto quoted = [](std::string_view octets) {
        return nlohmann::json(std::string(octets))
            .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    };
    std::string object = "{" + quoted(name) + ":" + quoted(text);
    for_each_member(extra.text, [&](std::string_view key, std::string_view member, std::string_view) {
        if (plain_text(key) != name) object.append(",").append(member);
    });
    return object + "}";
}

}  // namespace hepcap::record
