// A capture mode: a named destination in the grammar of the module's parameter `capture_mode`,
//
//     NAME=>db_url=URL;table_name=LIST;mt_mode=MODE[;hash_source=SOURCE][;]
//
// White space may stand before NAME, before => and after it, around = and around ; but not between =
// and >.  A value without quotes ends at white space, a comma or a semicolon; in single or double
// quotes it may hold these.  db_url, table_name and mt_mode are needed; hash_source is call_id unless
// given.
//
// Departures from the module: a semicolon at the end is accepted, and hash_source may stand anywhere
// and in quotes (its own documentation shows both, and it refuses them).  An unknown parameter, one
// given twice and anything behind the parameters are errors, where the module ignores them.
//
// A URL may hold a password, and a stray semicolon in one would make its rest look like a parameter.  So
// no sentence made here repeats what stands behind the =>, unless it is a slip of a known name.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "select/table_selector.hpp"

namespace hepcap::select {

struct CaptureMode {
    std::string name;
    std::string db_url;
    std::string tables;  // a list for TableSelector, already tried
    MultiTableMode mode = MultiTableMode::rand;
    HashSource hash_source = HashSource::call_id;
};

// Throws Error (usage).
CaptureMode parse_capture_mode(std::string_view definition);

// The mode of that name; of several the last, as in the module.  Throws Error (usage) that names the
// nearest where there is none.
const CaptureMode& find_capture_mode(std::span<const CaptureMode> modes, std::string_view name);

}  // namespace hepcap::select
