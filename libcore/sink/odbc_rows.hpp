// Rows inserted through ODBC, many in one run of a prepared statement where the driver takes arrays of
// parameters, else one after the other.  Values of a column lie side by side, each in as much room as the
// longest of them needs: runs are cut so that this never is more than some megabytes, or one row.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sink/column_rule.hpp"
#include "sink/odbc_connection.hpp"
#include "sink/rows.hpp"

namespace hepcap::sink {

// A column that both the layout and the table have, or the one for octets of payloads.
struct OdbcColumn {
    enum class Kind : std::uint8_t { text, integer, real, payload_octets };

    std::size_t column = 0;  // of the layout; for payload_octets that of the payload
    std::string_view name;
    Kind kind = Kind::text;
    SQLSMALLINT type = SQL_VARCHAR;  // of the table's column
    ColumnRule rule{};
};

class OdbcRows {
public:
    // Of what came of a value, by column.
    enum class Change : std::uint8_t { cut, replaced };
    using Count = std::function<void(Change change, std::string_view column)>;

    void prepare(OdbcConnection& connection, const std::string& sql, std::span<const OdbcColumn> columns);

    // Runs the statement for each row that is not marked.
    void insert(const RowGroup& rows, std::span<const std::uint8_t> left_out, const Count& count);

    // Runs the statement, a question, for one row; true where it has an answer.
    bool has_answer(std::span<const Value> row);

private:
    struct Cell {
        std::string_view text;
        std::int64_t integer = 0;
        double real = 0;
        bool is_null = false;
    };
    struct Array {
        std::vector<char> octets;
        std::vector<SQLLEN> sizes;
    };

    Cell cell(const OdbcColumn& column, const Value& value, const Count& count);
    void run(std::size_t first, std::size_t rows);
    void bind(std::size_t column, std::size_t first, std::size_t rows);
    std::size_t fitting(std::size_t first) const;

    OdbcConnection* connection_ = nullptr;
    std::unique_ptr<OdbcStatement> statement_;
    std::span<const OdbcColumn> columns_;
    std::vector<Cell> cells_;        // of the rows at hand, row by row
    std::deque<std::string> texts_;  // that were made for them
    std::vector<Array> arrays_;      // by column
    std::vector<SQLUSMALLINT> states_;
    bool takes_arrays_ = true;
};

}  // namespace hepcap::sink
