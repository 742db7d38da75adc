// The way back from a table's name to the time that its records are of: for what is to be dropped when it is
// old.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hepcap::select {

struct TablePeriod {
    std::int64_t start_us = 0;  // microseconds since 1970
    std::int64_t end_us = 0;    // the first that is not in it
};

// The period in which TableName(pattern) makes `name`; where it makes the name in more than one, all that
// lies from the first to the last.  Nothing where it never makes that name, where the pattern does not follow
// the time, or does not say the year: then nobody can tell how old a table is.  `pattern` is one that
// TableName takes.
std::optional<TablePeriod> period_of_table(std::string_view pattern, std::string_view name);

}  // namespace hepcap::select
