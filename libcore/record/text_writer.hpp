// Records for people and for spreadsheets: -T text and -T csv.
#pragma once

#include <vector>

#include "base/output.hpp"
#include "record/fields.hpp"

namespace hepcap::record {

// Indexes into field_refs, in the order in which the user named the keys.
using FieldList = std::vector<std::size_t>;

// One line for the eye: time, addresses, what was said, the Call-ID.
void append_summary(Output& out, const Record& record);

// The named values with a tab between them; tab, line ends and backslash inside are \t \r \n \\, other
// control characters \xNN.
void append_tabbed(Output& out, const Record& record, const FieldList& keys);

// RFC 4180 with bare line feeds: a value with a comma, quote or line end stands in quotes.
void append_csv_header(Output& out, const FieldList& keys);
void append_csv(Output& out, const Record& record, const FieldList& keys);

}  // namespace hepcap::record
