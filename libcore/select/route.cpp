#include "select/route.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/excerpt.hpp"

namespace hepcap::select {
namespace {

// npos where there is none.
std::size_t last_arrow(std::string_view text) {
    std::size_t arrow = std::string_view::npos;
    char quote = '\0';
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (quote != '\0') {
            if (c == '\\') ++at;
            if (c == quote) quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (text.substr(at).starts_with("=>")) {
            arrow = at;
        }
    }
    return arrow;
}

}  // namespace

Route parse_route(std::string_view text, MultiTableMode mode, HashSource source) {
    const std::size_t arrow = last_arrow(text);
    if (arrow == std::string_view::npos) {
        throw Error(
            fmt::format("route {}: no => outside of quotes; a route is EXPRESSION=>TABLE", excerpt(text)),
            ExitCode::usage);
    }
    try {
        return {Filter::parse(text.substr(0, arrow)), TableSelector(text.substr(arrow + 2), mode, source)};
    } catch (const Error& error) {
        throw Error(fmt::format("route {}: {}", excerpt(text), error.what()), error.code());
    }
}

TableSelector* Router::find_route(const record::Record& record) {
    for (Route& route : routes_) {
        if (route.filter.matches(record)) return &route.tables;
    }
    return nullptr;
}

TableSelector& Router::selector_for(const record::Record& record) {
    TableSelector* const route = find_route(record);
    return route ? *route : otherwise_;
}

Filter::FieldSet Router::fields() const {
    Filter::FieldSet all;
    for (const Route& route : routes_) all |= route.filter.fields();
    return all;
}

std::vector<std::string_view> Router::patterns() const {
    std::vector<std::string_view> all;
    for (const Route& route : routes_) route.tables.append_patterns(all);
    otherwise_.append_patterns(all);
    return all;
}

}  // namespace hepcap::select
