// Counts under names that come with the data: kinds of records, columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hepcap::sink {

struct NamedCount {
    std::string name;
    std::uint64_t count = 0;
};

// Adds to the count of that name.  There are never more than some hundred names: others share one.
void count(std::vector<NamedCount>& counts, std::string_view name, std::uint64_t more = 1);

// Adds all of them.
void add(std::vector<NamedCount>& counts, const std::vector<NamedCount>& more);

}  // namespace hepcap::sink
