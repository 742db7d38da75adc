#include "record/fields.hpp"

#include <algorithm>

namespace hepcap::record {

std::optional<std::size_t> find_field(std::string_view name) {
    const auto* const found = std::ranges::find(field_refs, name, &FieldRef::name);
    if (found == field_refs.end()) return std::nullopt;
    return static_cast<std::size_t>(found - field_refs.begin());
}

}  // namespace hepcap::record
