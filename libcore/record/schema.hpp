// The JSON Schema (draft 2020-12) of a record, from the field table.
#pragma once

#include <string>

namespace hepcap::record {

std::string json_schema();

}  // namespace hepcap::record
