// A member of a record that no key names: those are kept together in Record::extra, as one JSON object.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "record/record.hpp"

namespace hepcap::record {

// The text of the member, or nothing where there is none or it is no text.
std::optional<std::string> extra_text(const Json& extra, std::string_view name);

// The object with that member, in place of one that it has.
std::string with_extra_text(const Json& extra, std::string_view name, std::string_view text);

}  // namespace hepcap::record
