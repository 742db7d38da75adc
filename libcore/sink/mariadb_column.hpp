// What a column of a MariaDB table takes, as the server describes it, and values fitted to it: cut, clamped
// and replaced here, because a strict server refuses the row and one that is not changes it in silence.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sink/column_rule.hpp"
#include "sink/mariadb_connection.hpp"
#include "sink/rows.hpp"

namespace hepcap::sink {

struct MariadbColumn {
    enum class Form : std::uint8_t { text, integer, real, moment };

    std::string name;
    std::string type;  // as the server writes it: "varchar(120)"
    Form form = Form::text;
    // Of text: what fits in, in characters and in octets, and the highest character that its character set
    // has.  A binary column has no character set and takes any octets.
    std::size_t characters = ColumnRule::unlimited;
    std::size_t octets = ColumnRule::unlimited;
    char32_t highest = 0x10FFFF;
    bool is_binary = false;
    std::string charset;
    std::string collation;
    // Of integers.
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    // Of moments: a timestamp holds the years 1970 to 2038 only.
    bool is_timestamp = false;
    bool is_nullable = true;
};

// The columns of a table or view in their order, without those that the server computes itself; none where
// there is no such table.
std::vector<MariadbColumn> mariadb_columns(MariadbConnection& connection, std::string_view table);

// A value as it goes to the server.
struct FittedValue {
    enum class Type : std::uint8_t { null, text, integer, real };
    std::string_view text;
    std::int64_t integer = 0;
    double real = 0;
    Type type = Type::null;
    bool is_cut = false;
    bool is_replaced = false;
};

class MariadbFitter {
public:
    // The text of the result is the value's, or lies here until clear().
    FittedValue fit(const Value& value, const MariadbColumn& column, ColumnRule::Absent absent);

    // The exact octets in base64.
    FittedValue base64(std::string_view octets);

    void clear() { texts_.clear(); }

private:
    FittedValue fit_text(const Value& value, const MariadbColumn& column);
    std::string_view replaced(const Value& value, const MariadbColumn& column, bool& is_replaced);

    std::deque<std::string> texts_;
};

}  // namespace hepcap::sink
