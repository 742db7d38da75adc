#include "sip/parameters.hpp"

#include "sip/scan.hpp"

namespace hepcap::sip {

namespace {

// The value of `name`, if up to its end there are only plain parameters: nothing quoted, no blanks, none of
// `Others`.  Nothing where another form comes first, or none is found.
template <char... Others>
std::string_view find_plain_parameter(std::string_view parameters, std::string_view name) {
    for (;;) {
        const bool is_named = parameters.size() > name.size() && parameters[name.size()] == '=' &&
                              equal_ignore_case(parameters.substr(0, name.size()), name);
        if (is_named) parameters.remove_prefix(name.size() + 1);
        const std::size_t end = find_any<';', '"', ' ', '\t', '\r', '\n', Others...>(parameters);
        if (end < parameters.size() && parameters[end] != ';') return {};
        if (is_named) return parameters.substr(0, end);
        if (end == parameters.size()) return {};
        parameters.remove_prefix(end + 1);
    }
}

}  // namespace

std::string_view find_parameter(std::string_view parameters, std::string_view name) {
    const std::string_view plain = find_plain_parameter(parameters, name);
    if (!plain.empty()) return plain;
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

std::string_view find_first_via_branch(std::string_view via) {
    const std::size_t parameters = find_any<';', ','>(via);
    if (parameters == via.size() || via[parameters] == ',') return {};
    via.remove_prefix(parameters + 1);
    constexpr std::string_view branch = "branch";
    const std::string_view plain = find_plain_parameter<',', '('>(via, branch);
    if (!plain.empty()) return plain;
    // A comma inside a quoted parameter does not end the value, one in a comment stands behind the
    // parameters.
    const std::size_t end = find_unquoted<',', '('>(via);
    if (end != std::string_view::npos) via = trim_right(via.substr(0, end));
    return find_parameter(via, branch);
}

}  // namespace hepcap::sip
