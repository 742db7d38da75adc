#include "sink/odbc_rows.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "base/error.hpp"
#include "record/base64.hpp"
#include "sink/text_form.hpp"

namespace hepcap::sink {
namespace {

constexpr std::size_t most_octets = std::size_t{4} << 20U;

std::int64_t nearest(std::int64_t number, SQLSMALLINT type) {
    if (type == SQL_INTEGER)
        return std::clamp<std::int64_t>(number, std::numeric_limits<std::int32_t>::min(),
                                        std::numeric_limits<std::int32_t>::max());
    if (type == SQL_SMALLINT)
        return std::clamp<std::int64_t>(number, std::numeric_limits<std::int16_t>::min(),
                                        std::numeric_limits<std::int16_t>::max());
    return number;
}

std::string base64(std::string_view octets) {
    std::string text(4 * ((octets.size() + 2) / 3), '\0');
    record::encode_base64(text.data(), octets);
    return text;
}

}  // namespace

void OdbcRows::prepare(OdbcConnection& connection, const std::string& sql,
                       std::span<const OdbcColumn> columns) {
    connection_ = &connection;
    columns_ = columns;
    arrays_.resize(columns.size());
    statement_ = connection.statement();
    connection.check(SQLPrepare(statement_->get(), odbc_text(sql), static_cast<SQLINTEGER>(sql.size())),
                     *statement_);
}

OdbcRows::Cell OdbcRows::cell(const OdbcColumn& column, const Value& value, const Count& count) {
    Cell made;
    if (column.kind == OdbcColumn::Kind::payload_octets) {
        made.is_null = value.type != Value::Type::octets;
        if (!made.is_null) made.text = texts_.emplace_back(base64(value.text()));
        return made;
    }
    made.is_null = value.type == Value::Type::absent && column.rule.absent == ColumnRule::Absent::null;
    if (value.type == Value::Type::integer) {
        made.integer = nearest(value.integer, column.type);
        made.real = static_cast<double>(value.integer);
        if (made.integer != value.integer) count(Change::cut, column.name);
    }
    if (value.type == Value::Type::real) made.real = value.real;
    if (!value.is_textual()) return made;
    Value text = value;
    if (value.type == Value::Type::octets) {
        std::string& valid = texts_.emplace_back();
        append_replaced(valid, value.text());
        count(Change::replaced, column.name);
        text.data = valid.data();
        text.size = static_cast<std::uint32_t>(valid.size());
        text.type = Value::Type::text;
    }
    made.text = fit(text, column.rule.width);
    if (made.text.size() < text.size) count(Change::cut, column.name);
    return made;
}

void OdbcRows::insert(const RowGroup& rows, std::span<const std::uint8_t> left_out, const Count& count) {
    cells_.clear();
    texts_.clear();
    std::size_t taken = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (left_out[i] != 0) continue;
        ++taken;
        for (const OdbcColumn& column : columns_)
            cells_.push_back(cell(column, rows.row(i)[column.column], count));
    }
    for (std::size_t first = 0; first < taken;) {
        const std::size_t size = fitting(first);
        run(first, size);
        SQLFreeStmt(statement_->get(), SQL_CLOSE);
        first += size;
    }
}

bool OdbcRows::has_answer(std::span<const Value> row) {
    cells_.clear();
    texts_.clear();
    for (const OdbcColumn& column : columns_)
        cells_.push_back(cell(column, row[column.column], [](Change, std::string_view) {}));
    run(0, 1);
    const SQLRETURN code = SQLFetch(statement_->get());
    connection_->check(code, *statement_);
    return code != SQL_NO_DATA;
}

// How many rows from `first` on go into one run.
std::size_t OdbcRows::fitting(std::size_t first) const {
    const std::size_t all = cells_.size() / columns_.size();
    if (!takes_arrays_) return 1;
    std::vector<std::size_t> longest(columns_.size(), sizeof(std::int64_t));
    std::size_t width = sizeof(std::int64_t) * columns_.size();
    for (std::size_t row = first; row < all; ++row) {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const std::size_t size = cells_[row * columns_.size() + i].text.size();
            if (size > longest[i]) width += size - std::exchange(longest[i], size);
        }
        if (row > first && (row - first + 1) * width > most_octets) return row - first;
    }
    return all - first;
}

void OdbcRows::bind(std::size_t column, std::size_t first, std::size_t rows) {
    const OdbcColumn& c = columns_[column];
    Array& array = arrays_[column];
    const auto cell_of = [&](std::size_t i) -> const Cell& {
        return cells_[(first + i) * columns_.size() + column];
    };
    const bool is_text = c.kind == OdbcColumn::Kind::text || c.kind == OdbcColumn::Kind::payload_octets;
    std::size_t width = is_text ? 1 : sizeof(std::int64_t);
    for (std::size_t i = 0; i < rows; ++i) width = std::max(width, cell_of(i).text.size());
    array.octets.resize(width * rows);
    array.sizes.resize(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        const Cell& value = cell_of(i);
        char* const to = array.octets.data() + i * width;
        array.sizes[i] = value.is_null
                             ? SQL_NULL_DATA
                             : static_cast<SQLLEN>(is_text ? value.text.size() : sizeof(std::int64_t));
        if (is_text && !value.text.empty()) std::memcpy(to, value.text.data(), value.text.size());
        if (c.kind == OdbcColumn::Kind::integer) std::memcpy(to, &value.integer, sizeof value.integer);
        if (c.kind == OdbcColumn::Kind::real) std::memcpy(to, &value.real, sizeof value.real);
    }
    SQLSMALLINT c_type = SQL_C_CHAR;
    SQLSMALLINT sql_type = c.type;
    if (c.kind == OdbcColumn::Kind::integer) {
        c_type = SQL_C_SBIGINT;
        sql_type = SQL_BIGINT;
    } else if (c.kind == OdbcColumn::Kind::real) {
        c_type = SQL_C_DOUBLE;
        sql_type = SQL_DOUBLE;
    }
    connection_->check(SQLBindParameter(statement_->get(), static_cast<SQLUSMALLINT>(column + 1),
                                        SQL_PARAM_INPUT, c_type, sql_type, width, 0, array.octets.data(),
                                        static_cast<SQLLEN>(width), array.sizes.data()),
                       *statement_);
}

void OdbcRows::run(std::size_t first, std::size_t rows) {
    const SQLHSTMT handle = statement_->get();
    const auto set = [&](SQLINTEGER attribute, SQLULEN value) {
        return SQLSetStmtAttr(handle, attribute, reinterpret_cast<SQLPOINTER>(value), 0) == SQL_SUCCESS;
    };
    if (takes_arrays_ && !set(SQL_ATTR_PARAMSET_SIZE, rows)) takes_arrays_ = false;
    if (!takes_arrays_ && rows > 1) {
        set(SQL_ATTR_PARAMSET_SIZE, 1);
        for (std::size_t i = 0; i < rows; ++i) run(first + i, 1);
        return;
    }
    SQLULEN processed = 0;
    states_.assign(rows, SQL_PARAM_SUCCESS);
    SQLSetStmtAttr(handle, SQL_ATTR_PARAM_STATUS_PTR, states_.data(), 0);
    SQLSetStmtAttr(handle, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0);
    for (std::size_t i = 0; i < columns_.size(); ++i) bind(i, first, rows);
    const SQLRETURN code = SQLExecute(handle);
    // One row's failure may be told as a success with information.
    const bool has_failed = std::ranges::find(states_, SQL_PARAM_ERROR) != states_.end();
    connection_->check(has_failed ? SQL_ERROR : code, *statement_);
    SQLSetStmtAttr(handle, SQL_ATTR_PARAMS_PROCESSED_PTR, nullptr, 0);
    if (rows == 1 || processed == rows) return;
    SQLFreeStmt(handle, SQL_CLOSE);
    // A driver that says it takes arrays, and takes the first row of them.
    if (processed != 1) {
        throw Error("the ODBC driver does not say how many of " + std::to_string(rows) +
                    " rows it inserted; load with another driver");
    }
    takes_arrays_ = false;
    set(SQL_ATTR_PARAMSET_SIZE, 1);
    for (std::size_t i = 1; i < rows; ++i) run(first + i, 1);
}

}  // namespace hepcap::sink
