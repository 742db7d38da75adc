// How a column of a database takes the values of a layout's column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "sink/columns.hpp"

namespace hepcap::sink {

struct ColumnRule {
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

    // What stands for a value that a record has not.
    enum class Absent : std::uint8_t { null, zero, empty };

    std::size_t width = 0;  // in characters
    Absent absent = Absent::null;
};

// The value as it is stored where the column has `width` characters: what is too long is cut.
std::string_view fit(const Value& value, std::size_t width);

}  // namespace hepcap::sink
