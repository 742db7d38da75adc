#include "sink/odbc_table.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "sink/embedded_sql.hpp"
#include "sink/table_sql.hpp"

namespace hepcap::sink {
namespace {

constexpr std::string_view uid_column = "uid";
constexpr std::string_view payload_column = "msg";
constexpr std::string_view octets_column = "msg_b64";

// What tells rows from each other in tables without uid.
constexpr std::array<std::string_view, 8> foreign_key{
    "micro_ts",    "callid",         "correlation_id",   "source_ip",
    "source_port", "destination_ip", "destination_port", "msg",
};

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

// Names with more in them would be another thing in some of the databases.
void check_name(std::string_view name) {
    const auto is_odd = [](char c) {
        return c == '"' || c == '`' || c == ']' || static_cast<unsigned char>(c) < ' ';
    };
    if (name.empty() || std::ranges::any_of(name, is_odd))
        throw Error("no table can be named " + excerpt(name) + "; choose another name", ExitCode::usage);
}

struct Described {
    std::string name;
    std::string type_name;
    SQLSMALLINT type = 0;
    SQLINTEGER size = 0;
    std::string schema;
};

std::vector<Described> describe(OdbcConnection& connection, const std::string& table) {
    const OdbcStatement statement(connection.handle());
    const SQLHSTMT handle = statement.get();
    connection.check(SQLColumns(handle, nullptr, 0, nullptr, 0, odbc_text(table),
                                static_cast<SQLSMALLINT>(table.size()), nullptr, 0),
                     statement);
    std::array<std::array<char, 256>, 4> texts{};
    std::array<SQLLEN, 6> sizes{};
    Described column;
    // Schema, table, column, name of the type.
    constexpr std::array<SQLUSMALLINT, 4> numbers{2, 3, 4, 6};
    for (std::size_t i = 0; i < texts.size(); ++i)
        SQLBindCol(handle, numbers[i], SQL_C_CHAR, texts[i].data(), texts[i].size(), &sizes[i]);
    SQLBindCol(handle, 5, SQL_C_SSHORT, &column.type, 0, &sizes[4]);
    SQLBindCol(handle, 7, SQL_C_SLONG, &column.size, 0, &sizes[5]);
    std::vector<Described> found;
    while (SQL_SUCCEEDED(SQLFetch(handle))) {
        // An underscore of the name stands for any character here.
        if (table == texts[1].data()) {
            column.schema = sizes[0] == SQL_NULL_DATA ? "" : texts[0].data();
            column.name = texts[2].data();
            column.type_name = texts[3].data();
            if (sizes[5] == SQL_NULL_DATA) column.size = 0;
            found.push_back(column);
        }
        texts = {};
    }
    return found;
}

// The N of varchar(N): types whose name says so have one, whatever the driver calls them.
std::size_t width_of(const Described& column) {
    constexpr std::string_view character = "char";
    const std::string& type = column.type_name;
    const bool is_varying = std::search(type.begin(), type.end(), character.begin(), character.end(),
                                        [](char a, char b) { return to_lower(a) == b; }) != type.end();
    return is_varying && column.size > 0 ? static_cast<std::size_t>(column.size) : ColumnRule::unlimited;
}

OdbcColumn::Kind kind_of(const Column& column) {
    if (std::holds_alternative<record::Integer record::Record::*>(column.source) ||
        std::holds_alternative<record::Boolean record::Record::*>(column.source)) {
        return OdbcColumn::Kind::integer;
    }
    if (std::holds_alternative<record::Real record::Record::*>(column.source)) return OdbcColumn::Kind::real;
    const auto* const derived = std::get_if<Derived>(&column.source);
    const bool is_number = derived != nullptr && (*derived == Derived::proto || *derived == Derived::family ||
                                                  *derived == Derived::type);
    return is_number ? OdbcColumn::Kind::integer : OdbcColumn::Kind::text;
}

// The type that a parameter has: that of the column, where it is one of plain texts.
SQLSMALLINT parameter_type(SQLSMALLINT type) {
    switch (type) {
        case SQL_WCHAR:
        case SQL_WVARCHAR:
        case SQL_CHAR: return SQL_VARCHAR;
        case SQL_WLONGVARCHAR: return SQL_LONGVARCHAR;
        default: return type;
    }
}

}  // namespace

OdbcTable::OdbcTable(OdbcConnection& connection, std::string name, Layout layout, bool create)
    : connection_(connection), name_(std::move(name)), layout_(layout) {
    check_name(name_);
    if (connection_.tables(name_).empty()) {
        if (!create) {
            throw Error("the database behind ODBC has no table " + excerpt(name_) +
                        "; let it be made with --create");
        }
        make();
    }
    find_columns();
    connection_.commit();
    std::string names;
    std::string parameters;
    for (const OdbcColumn& column : columns_) {
        names += (names.empty() ? "" : ", ") + connection_.quoted(column.name);
        parameters += parameters.empty() ? "?" : ", ?";
    }
    rows_.prepare(connection_,
                  "INSERT INTO " + connection_.quoted(name_) + " (" + names + ") VALUES (" + parameters + ")",
                  columns_);
}

void OdbcTable::make() {
    const TableSql sql = parse_table_sql(embedded_sql("odbc/" + std::string(sql_file(layout_))), name_);
    connection_.commit();
    connection_.execute(connection_.in_own_quotes(sql.create));
    for (const IndexSql& index : sql.indexes) connection_.execute(connection_.in_own_quotes(index.sql));
    connection_.commit();
}

void OdbcTable::find_columns() {
    std::vector<Described> there = describe(connection_, name_);
    // Tables of one name in several schemas: the one that the name alone means.
    std::string schema = there.empty() ? "" : there.front().schema;
    if (connection_.is_postgres()) schema = connection_.ask("SELECT current_schema()").at(0);
    std::erase_if(there, [&](const Described& column) { return column.schema != schema; });
    const auto described = [&](std::string_view name) {
        return std::ranges::find_if(there,
                                    [&](const Described& column) { return same_name(column.name, name); });
    };
    const std::span<const Column> wanted = columns(layout_);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto found = described(wanted[i].name);
        if (found == there.end()) continue;
        OdbcColumn column{.column = i,
                          .name = wanted[i].name,
                          .kind = kind_of(wanted[i]),
                          .type = parameter_type(found->type)};
        column.rule.absent = layout_ == Layout::record ? ColumnRule::Absent::null : ColumnRule::Absent::empty;
        const bool is_uid = column.name == uid_column;
        column.rule.width =
            is_uid || column.kind != OdbcColumn::Kind::text || found->type == SQL_TYPE_TIMESTAMP
                ? ColumnRule::unlimited
                : width_of(*found);
        // A record without time has no date either, and no empty text is one.
        if (found->type == SQL_TYPE_TIMESTAMP) column.rule.absent = ColumnRule::Absent::null;
        if (is_uid) uid_ = i;
        has_uid_ = has_uid_ || is_uid;
        columns_.push_back(column);
        const auto octets = described(octets_column);
        if (column.name == payload_column && octets != there.end()) {
            columns_.push_back({.column = i,
                                .name = octets_column,
                                .kind = OdbcColumn::Kind::payload_octets,
                                .type = parameter_type(octets->type)});
        }
    }
    if (columns_.empty()) {
        throw Error("table " + excerpt(name_) +
                    " behind ODBC has none of the columns that are to be stored; "
                    "name another with --table");
    }
}

void OdbcTable::find(const RowGroup& rows, std::span<std::uint8_t> left_out) {
    if (has_uid_) return find_by_uid(rows, left_out);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (left_out[i] == 0 && holds(rows.row(i))) left_out[i] = 1;
    }
}

// A uid is 16 hexadecimal digits whatever the record said, so it can stand in the statement.
void OdbcTable::find_by_uid(const RowGroup& rows, std::span<std::uint8_t> left_out) {
    std::string list;
    for (std::size_t i = 0; i < rows.size(); ++i)
        list.append(list.empty() ? "'" : ", '").append(rows.row(i)[uid_].text()).append("'");
    const std::string uid = connection_.quoted(uid_column);
    const std::vector<std::string> there = connection_.ask(
        "SELECT " + uid + " FROM " + connection_.quoted(name_) + " WHERE " + uid + " IN (" + list + ")");
    const std::set<std::string_view> found(there.begin(), there.end());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (found.contains(rows.row(i)[uid_].text())) left_out[i] = 1;
    }
}

// Asked for each row: in a transaction the ones before it are seen, too.
bool OdbcTable::holds(std::span<const Value> row) {
    std::string condition;
    std::vector<OdbcColumn> asked;
    for (const std::string_view key : foreign_key) {
        const auto found = std::ranges::find(columns_, key, &OdbcColumn::name);
        if (found == columns_.end()) continue;
        condition += (condition.empty() ? "" : " AND ") + connection_.quoted(key);
        const bool is_null =
            row[found->column].type == Value::Type::absent && found->rule.absent == ColumnRule::Absent::null;
        condition += is_null ? " IS NULL" : " = ?";
        if (!is_null) asked.push_back(*found);
    }
    if (condition.empty()) return false;
    OdbcRows question;
    question.prepare(connection_, "SELECT 1 FROM " + connection_.quoted(name_) + " WHERE " + condition,
                     asked);
    return question.has_answer(row);
}

void OdbcTable::insert(const RowGroup& rows, std::span<const std::uint8_t> left_out,
                       const OdbcRows::Count& count) {
    rows_.insert(rows, left_out, count);
}

}  // namespace hepcap::sink
