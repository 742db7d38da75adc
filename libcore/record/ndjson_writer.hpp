// Record -> one line of JSON, keys in the order of the field table, absent keys left out.
//
// A text that is no UTF-8, or holds a NUL, is written as base64 under its key with "_b64" behind it
// (`msg` becomes `msg_b64`): no octet is replaced, and ndjson_reader gives the same octets back.
#pragma once

#include <bitset>

#include "base/output.hpp"
#include "record/fields.hpp"

namespace hepcap::record {

// Members that no key names stand before the payload, where all keys are written.

// Which keys are written; bit i stands for fields[i].
using FieldMask = std::bitset<field_count>;
inline const FieldMask all_fields = FieldMask{}.set();

// Appends `record` and a line end to `out`.  Memory: what the longest line needs, kept in `out`.
void append_ndjson(Output& out, const Record& record, const FieldMask& mask);

}  // namespace hepcap::record
