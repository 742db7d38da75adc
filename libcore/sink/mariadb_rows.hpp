// Rows as the client library takes them: an array of values for each column.
#pragma once

#include <mysql.h>

#include <cstdint>
#include <vector>

#include "sink/mariadb_column.hpp"

namespace hepcap::sink {

class MariadbRows {
public:
    // From now on rows have a value for each of `columns`, in that order.
    void begin(const std::vector<const MariadbColumn*>& columns);

    // Adds the value of the next column of a row; its text must stay until clear().
    void add(const FittedValue& value);

    std::size_t size() const { return columns_.empty() ? 0 : added_ / columns_.size(); }
    std::size_t octets() const { return octets_; }
    void clear();

    // For MariadbStatement::execute(): all rows at once, or one of them.
    std::vector<MYSQL_BIND>& bind_all();
    std::vector<MYSQL_BIND>& bind_one(std::size_t row);

private:
    struct Values {
        enum_field_types type = MYSQL_TYPE_STRING;
        std::vector<const char*> texts;
        std::vector<unsigned long> sizes;
        std::vector<std::int64_t> integers;
        std::vector<double> reals;
        std::vector<char> indicators;
    };

    std::vector<Values> columns_;
    std::vector<MYSQL_BIND> bindings_;
    std::size_t added_ = 0;
    std::size_t octets_ = 0;
};

}  // namespace hepcap::sink
