// Values of rows, as the tests of the backends' forms of them need them.
#pragma once

#include <cstdint>
#include <string_view>

#include "sink/columns.hpp"

namespace hepcap::sink::test {

// Points to the octets.
inline Value text(std::string_view octets, Value::Type type = Value::Type::text) {
    Value value;
    value.data = octets.data();
    value.size = static_cast<std::uint32_t>(octets.size());
    value.type = type;
    return value;
}

inline Value integer(std::int64_t number) {
    Value value;
    value.integer = number;
    value.type = Value::Type::integer;
    return value;
}

}  // namespace hepcap::sink::test
