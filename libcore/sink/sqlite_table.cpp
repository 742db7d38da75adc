#include "sink/sqlite_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "sink/embedded_sql.hpp"

namespace hepcap::sink {
namespace {

constexpr std::string_view uid_column = "uid";

// What tells rows from each other: the uid, or in foreign tables all others of these.
constexpr std::array<std::string_view, 9> key_columns{
    uid_column,       "micro_ts",         "callid", "correlation_id", "source_ip", "source_port",
    "destination_ip", "destination_port", "msg",
};

// SQL names are the same in any case.
bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

// The N of varchar(N), char(N) and kin, which count characters; other types have no limit.
std::size_t width_of(std::string_view declared_type) {
    constexpr std::string_view character = "char";
    const bool is_text =
        std::search(declared_type.begin(), declared_type.end(), character.begin(), character.end(),
                    [](char a, char b) { return to_lower(a) == b; }) != declared_type.end();
    const std::size_t open = declared_type.find('(');
    if (!is_text || open == std::string_view::npos) return ColumnRule::unlimited;
    std::size_t width = 0;
    const char* const end = declared_type.data() + declared_type.size();
    const auto [rest, error] = std::from_chars(declared_type.data() + open + 1, end, width);
    return error == std::errc{} && rest != end && (*rest == ')' || *rest == ' ') ? width
                                                                                 : ColumnRule::unlimited;
}

// Absent is '' or 0 in the module's tables and NULL in a table of records.
ColumnRule::Absent absent_form(Layout layout, const Column& column) {
    if (layout == Layout::record) return ColumnRule::Absent::null;
    return std::holds_alternative<record::Integer record::Record::*>(column.source)
               ? ColumnRule::Absent::zero
               : ColumnRule::Absent::empty;
}

}  // namespace

SqliteTable::SqliteTable(SqliteDatabase& database, SqliteRows& rows, std::string name, Layout layout,
                         bool create, Log& log)
    : database_(database), rows_(rows), name_(std::move(name)), layout_(layout) {
    // SQLite keeps names with this beginning for itself, and stops at a NUL.
    if (name_.empty() || name_.starts_with("sqlite_") || name_.find('\0') != std::string::npos) {
        throw Error("no table can be named " + excerpt(name_) + "; choose another name", ExitCode::usage);
    }
    sql_ = parse_table_sql(embedded_sql("sqlite/" + std::string(sql_file(layout))), name_);
    find_columns(create);
    find_state(create, log);
    prepare();
}

void SqliteTable::find_columns(bool create) {
    if (create) database_.execute(sql_.create);
    const SqliteStatement info = database_.prepare("PRAGMA table_info(" + quoted_name(name_) + ")");
    std::vector<std::pair<std::string, std::size_t>> there;
    while (database_.step(info.get())) {
        there.emplace_back(text_of(info.get(), 1), width_of(text_of(info.get(), 2)));
    }
    if (there.empty()) {
        throw Error("database '" + database_.path() + "' has no table " + excerpt(name_) +
                    "; let it be made with --create");
    }
    const std::span<const Column> wanted = columns(layout_);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Column& column = wanted[i];
        rules_.push_back({.width = ColumnRule::unlimited, .absent = absent_form(layout_, column)});
        const auto found =
            std::ranges::find_if(there, [&](const auto& c) { return same_name(c.first, column.name); });
        if (found == there.end()) continue;
        columns_.push_back({i, column.name});
        // A uid that is cut would be another record's.
        if (column.name != uid_column) rules_.back().width = found->second;
    }
    if (columns_.empty()) {
        throw Error("table " + excerpt(name_) + " of database '" + database_.path() +
                    "' has none of the columns that are to be stored; name another with --table");
    }
}

void SqliteTable::find_state(bool create, Log& log) {
    if (parameter_of(uid_column) == 0) {
        state_ = State::foreign;
        if (has_key_index()) return;
        const std::string about =
            "table " + excerpt(name_) + " has no uid column and no index to find a row by";
        if (create && parameter_of("micro_ts") != 0) {
            log.warn(about + ": one over micro_ts is made");
            database_.execute("CREATE INDEX IF NOT EXISTS " + quoted_name(name_ + "_micro_ts_idx") + " ON " +
                              quoted_name(name_) + " (micro_ts)");
        } else {
            log.warn(about + ": loading will be slow");
        }
        return;
    }
    if (has_unique_uid_index()) {
        state_ = State::complete;
    } else {
        const bool has_rows =
            database_.query_integer("SELECT EXISTS (SELECT 1 FROM " + quoted_name(name_) + ")") != 0;
        state_ = has_rows ? State::incomplete : State::building;
    }
}

std::vector<std::string> SqliteTable::index_columns(const std::string& index) {
    const SqliteStatement info = database_.prepare("PRAGMA index_info(" + quoted_name(index) + ")");
    std::vector<std::string> names;
    while (database_.step(info.get())) names.emplace_back(text_of(info.get(), 2));
    return names;
}

bool SqliteTable::has_unique_uid_index() {
    const SqliteStatement list = database_.prepare("PRAGMA index_list(" + quoted_name(name_) + ")");
    while (database_.step(list.get())) {
        const bool is_unique = sqlite3_column_int(list.get(), 2) != 0;
        const bool is_partial = sqlite3_column_int(list.get(), 4) != 0;
        if (!is_unique || is_partial) continue;
        const auto names = index_columns(std::string(text_of(list.get(), 1)));
        if (names.size() == 1 && same_name(names[0], uid_column)) return true;
    }
    return false;
}

bool SqliteTable::has_key_index() {
    const SqliteStatement list = database_.prepare("PRAGMA index_list(" + quoted_name(name_) + ")");
    while (database_.step(list.get())) {
        const auto names = index_columns(std::string(text_of(list.get(), 1)));
        constexpr std::array<std::string_view, 3> telling{"micro_ts", "callid", "correlation_id"};
        const auto is_first = [&](std::string_view key) {
            return !names.empty() && same_name(names[0], key);
        };
        if (std::ranges::any_of(telling, is_first)) return true;
    }
    return false;
}

// Number of the column's parameter in the statement, from 1; 0 if the table does not have it.
std::size_t SqliteTable::parameter_of(std::string_view column) const {
    const auto found = std::ranges::find_if(columns_, [&](const Bound& b) { return b.name == column; });
    return found == columns_.end() ? 0 : static_cast<std::size_t>(found - columns_.begin()) + 1;
}

// What a row that is there already has in common with the record.  The payload is compared as octets:
// others may have stored it as a blob.
std::string SqliteTable::make_condition() {
    identity_.clear();
    std::string condition;
    for (const std::string_view key : key_columns) {
        const std::size_t parameter = parameter_of(key);
        if (parameter == 0 || (key == uid_column) != (state_ != State::foreign)) continue;
        identity_.push_back(parameter - 1);
        if (!condition.empty()) condition += " AND ";
        const std::string number = "?" + std::to_string(parameter);
        condition += key == "msg" ? "CAST(msg AS BLOB) = CAST(" + number + " AS BLOB)"
                                  : std::string(key) + " = " + number;
    }
    return condition;
}

void SqliteTable::prepare() {
    std::string names;
    std::string parameters;
    std::string sources;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const std::string comma = i > 0 ? ", " : "";
        names += comma + quoted_name(columns_[i].name);
        parameters += comma + "?" + std::to_string(i + 1);
        sources += comma + source_of(columns_[i]);
    }
    const std::string table = quoted_name(name_);
    const std::string condition = make_condition();
    const std::string find = "SELECT 1 FROM " + table + " WHERE " + condition;
    const bool can_find = state_ != State::building && !condition.empty();
    find_ = can_find ? database_.prepare(find) : SqliteStatement();
    // OR FAIL: what fails ends the load and with it the transaction, so SQLite need not keep a copy of every
    // page that the statement changes.
    std::string sql = "INSERT OR FAIL INTO " + table + " (" + names + ") SELECT ";
    if (adds_row_by_row()) {
        sql += parameters + (can_find ? " WHERE NOT EXISTS (" + find + ")" : "");
    } else {
        sql.append(sources).append(" FROM ").append(SqliteRows::table).append(" WHERE true");
        if (state_ == State::complete) sql += " ON CONFLICT (uid) DO NOTHING";
    }
    insert_ = database_.prepare(sql);
}

// A column that no record has costs nothing then.  Half of the columns of a record are such.
std::string SqliteTable::source_of(const Bound& bound) const {
    if (bound.is_read) return "c" + std::to_string(bound.column);
    switch (rules_[bound.column].absent) {
        case ColumnRule::Absent::null: return "NULL";
        case ColumnRule::Absent::zero: return "0";
        case ColumnRule::Absent::empty: return "''";
    }
    return {};
}

// Sees to it that the statement reads all that the rows have.
void SqliteTable::prepare_for(const RowGroup& rows) {
    bool is_more = false;
    for (Bound& bound : columns_) {
        if (bound.is_read || rows.present[bound.column] == 0) continue;
        bound.is_read = true;
        is_more = true;
    }
    if (is_more) prepare();
}

std::uint64_t SqliteTable::insert(const RowGroup& rows, std::span<const std::uint8_t> left_out,
                                  const CountCut& count_cut) {
    if (adds_row_by_row()) return insert_one_by_one(rows, left_out, count_cut);
    prepare_for(rows);
    rows_.show(rows, rules_, left_out);
    database_.step(insert_.get());
    sqlite3_reset(insert_.get());
    for (const Bound& bound : columns_) {
        if (const std::uint64_t cut = rows_.cut()[bound.column]; cut > 0) count_cut(bound.name, cut);
    }
    return static_cast<std::uint64_t>(database_.changes());
}

std::uint64_t SqliteTable::insert_one_by_one(const RowGroup& rows, std::span<const std::uint8_t> left_out,
                                             const CountCut& count_cut) {
    std::uint64_t inserted = 0;
    for (std::size_t at = 0; at < rows.size(); ++at) {
        if (!left_out.empty() && left_out[at] != 0) continue;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const Bound& bound = columns_[i];
            if (bind(insert_.get(), i + 1, bound.column, rows.row(at)[bound.column]))
                count_cut(bound.name, 1);
        }
        database_.step(insert_.get());
        sqlite3_reset(insert_.get());
        inserted += static_cast<std::uint64_t>(database_.changes());
    }
    return inserted;
}

bool SqliteTable::bind(sqlite3_stmt* statement, std::size_t parameter, std::size_t column,
                       const Value& value) {
    const int number = static_cast<int>(parameter);
    const ColumnRule& rule = rules_[column];
    const std::string_view text = value.is_textual() ? fit(value, rule.width) : std::string_view();
    int status = SQLITE_OK;
    // The batch outlives the step, so SQLite need not copy.
    switch (value.type) {
        case Value::Type::integer: status = sqlite3_bind_int64(statement, number, value.integer); break;
        case Value::Type::real: status = sqlite3_bind_double(statement, number, value.real); break;
        case Value::Type::text:
            status =
                sqlite3_bind_text64(statement, number, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
            break;
        case Value::Type::octets:
            status = sqlite3_bind_blob64(statement, number, text.data(), text.size(), SQLITE_STATIC);
            break;
        case Value::Type::absent:
            if (rule.absent == ColumnRule::Absent::null) {
                status = sqlite3_bind_null(statement, number);
            } else if (rule.absent == ColumnRule::Absent::zero) {
                status = sqlite3_bind_int64(statement, number, 0);
            } else {
                status = sqlite3_bind_text(statement, number, "", 0, SQLITE_STATIC);
            }
    }
    if (status != SQLITE_OK) database_.fail(status);
    return value.is_textual() && text.size() < value.size;
}

bool SqliteTable::holds(std::span<const Value> row) {
    if (!find_) return false;
    for (const std::size_t i : identity_)
        bind(find_.get(), i + 1, columns_[i].column, row[columns_[i].column]);
    const bool is_there = database_.step(find_.get());
    sqlite3_reset(find_.get());
    return is_there;
}

std::uint64_t SqliteTable::complete() {
    insert_.reset();
    find_.reset();
    std::uint64_t removed = 0;
    database_.use_large_cache(false);
    for (const IndexSql& index : sql_.indexes) {
        // A table of the user's own making may have fewer columns.
        if (parameter_of(index.column) == 0) continue;
        if (!index.is_unique) {
            database_.execute(index.sql);
            continue;
        }
        database_.execute("BEGIN IMMEDIATE");
        if (!database_.execute_unless_constraint(index.sql)) {
            removed += remove_duplicates();
            database_.execute(index.sql);
        }
        database_.execute("COMMIT");
    }
    removed += remove_what_siblings_hold();
    database_.use_large_cache(true);
    state_ = State::complete;
    prepare();
    return removed;
}

// Keeps the first row of each uid.
std::uint64_t SqliteTable::remove_duplicates() {
    const std::string table = quoted_name(name_);
    const std::string index = quoted_name(name_ + "_uid_duplicates");
    database_.execute("CREATE INDEX " + index + " ON " + table + " (uid)");
    database_.execute("DELETE FROM " + table +
                      " WHERE rowid IN (SELECT id FROM (SELECT rowid AS id, uid, lag(uid) OVER "
                      "(ORDER BY uid, rowid) AS previous FROM " +
                      table + ") WHERE uid = previous)");
    const auto removed = static_cast<std::uint64_t>(database_.changes());
    database_.execute("DROP INDEX " + index);
    return removed;
}

std::uint64_t SqliteTable::remove_what_siblings_hold() {
    std::uint64_t removed = 0;
    for (const std::string& sibling : siblings_) {
        const SqliteStatement exists = database_.prepare(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1 COLLATE NOCASE");
        sqlite3_bind_text64(exists.get(), 1, sibling.data(), sibling.size(), SQLITE_STATIC, SQLITE_UTF8);
        const bool is_there = database_.step(exists.get());
        // A statement that still reads would make SQLite give up at once, not wait, where another loader
        // writes.
        sqlite3_reset(exists.get());
        if (!is_there) continue;
        database_.execute("DELETE FROM " + quoted_name(name_) + " WHERE uid IN (SELECT uid FROM " +
                          quoted_name(sibling) + ")");
        removed += static_cast<std::uint64_t>(database_.changes());
    }
    siblings_.clear();
    return removed;
}

}  // namespace hepcap::sink
