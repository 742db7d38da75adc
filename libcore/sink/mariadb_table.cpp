#include "sink/mariadb_table.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "sink/embedded_sql.hpp"
#include "sink/mariadb_error.hpp"
#include "sink/text_form.hpp"

namespace hepcap::sink {
namespace {

constexpr std::string_view uid_column = "uid";
constexpr std::size_t uid_size = 16;
constexpr std::string_view exact_column = "msg_b64";
constexpr std::string_view exact_of = "msg";

// What tells rows of foreign tables from each other.
constexpr std::array<std::string_view, 8> key_columns{
    "micro_ts",    "callid",         "correlation_id",   "source_ip",
    "source_port", "destination_ip", "destination_port", "msg",
};

constexpr std::string_view building_comment = "hepcap fills this table; its indexes follow";

// Octets of rows that go over at once.  More gains nothing measurable.
constexpr std::size_t most_at_once = std::size_t{1} << 20;

// Names of columns are the same in any case.
bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

enum class Kind : std::uint8_t { text, integer, real, date };

Kind kind_of(const Column& column) {
    using record::Record;
    if (const auto* const derived = std::get_if<Derived>(&column.source)) {
        switch (*derived) {
            case Derived::date: return Kind::date;
            case Derived::proto:
            case Derived::family:
            case Derived::type: return Kind::integer;
            default: return Kind::text;
        }
    }
    if (std::holds_alternative<record::Integer Record::*>(column.source) ||
        std::holds_alternative<record::Boolean Record::*>(column.source)) {
        return Kind::integer;
    }
    return std::holds_alternative<record::Real Record::*>(column.source) ? Kind::real : Kind::text;
}

bool can_hold(const MariadbColumn& column, Kind kind) {
    using Form = MariadbColumn::Form;
    switch (column.form) {
        case Form::text: return true;
        case Form::integer: return kind == Kind::integer;
        case Form::real: return kind == Kind::integer || kind == Kind::real;
        case Form::moment: return kind == Kind::date;
    }
    return false;
}

// Absent is '' or 0 in the module's tables and NULL in a table of records.
ColumnRule::Absent absent_form(Layout layout, Kind kind) {
    if (layout == Layout::record) return ColumnRule::Absent::null;
    return kind == Kind::integer ? ColumnRule::Absent::zero : ColumnRule::Absent::empty;
}

std::string constant(const FittedValue& value) {
    if (value.type == FittedValue::Type::null) return "NULL";
    if (value.type == FittedValue::Type::text) return "'" + std::string(value.text) + "'";
    return "0";
}

// The server compares as it finds things in the column's index: in its character set and its order.
std::string comparable(const MariadbColumn& column) {
    if (column.form != MariadbColumn::Form::text || column.is_binary) return "?";
    return "CONVERT(? USING " + column.charset + ") COLLATE " + column.collation;
}

}  // namespace

MariadbTable::MariadbTable(MariadbConnection& connection, const MariadbSettings& settings, std::string name,
                           Layout layout, bool create, Log& log)
    : connection_(connection),
      settings_(settings),
      name_(std::move(name)),
      layout_(layout),
      since_(std::chrono::steady_clock::now()) {
    constexpr std::size_t longest_name = 64;
    if (name_.empty() || name_.ends_with(' ') || !is_storable_text(name_) ||
        cut_to_characters(name_, longest_name).size() < name_.size()) {
        throw Error("no table can be named " + excerpt(name_) + "; choose another name", ExitCode::usage);
    }
    sql_ = parse_table_sql(embedded_sql("mariadb/" + std::string(sql_file(layout))), name_);
    find_columns(create);
    find_state(create, log);
    find_identity();
    prepare();
}

void MariadbTable::find_columns(bool create) {
    std::vector<MariadbColumn> there = mariadb_columns(connection_, name_);
    if (there.empty() && create) {
        MariadbConnection other(settings_, MariadbConnection::Patience::endless);
        other.execute(sql_.create + " COMMENT = " + other.literal(building_comment));
        there = mariadb_columns(connection_, name_);
    }
    if (there.empty()) {
        throw Error(connection_.subject() + " has no table " + excerpt(name_) +
                    " that the user may see; let it be made with --create");
    }
    bind_columns(std::move(there));
}

void MariadbTable::bind_columns(std::vector<MariadbColumn> there) {
    const std::span<const Column> wanted = columns(layout_);
    const auto add = [&](std::size_t i, std::string_view name, bool is_exact) {
        const auto found =
            std::ranges::find_if(there, [&](const auto& c) { return same_name(c.name, name); });
        if (found == there.end()) return;
        const Kind kind = is_exact ? Kind::text : kind_of(wanted[i]);
        // A column uid that is none of ours: what is cut there would be another record's.
        if (name == uid_column &&
            (found->form != MariadbColumn::Form::text || found->characters < uid_size)) {
            return;
        }
        if (!can_hold(*found, kind)) {
            throw Error("column " + excerpt(name) + " of table " + excerpt(name_) + " is of the type " +
                        excerpt(found->type) + ", which cannot hold it; name another table with --table");
        }
        // Two long ones, and all the others beside, must fit into one packet.
        found->octets = std::min(found->octets, connection_.most_octets() * 2 / 5);
        columns_.push_back({.column = i,
                            .as = *found,
                            .absent = is_exact ? ColumnRule::Absent::null : absent_form(layout_, kind),
                            .is_exact = is_exact});
    };
    for (std::size_t i = 0; i < wanted.size(); ++i) add(i, wanted[i].name, false);
    if (columns_.empty()) {
        throw Error("table " + excerpt(name_) + " of " + connection_.subject() +
                    " has none of the columns that are to be stored; name another with --table");
    }
    const auto msg = std::ranges::find(wanted, exact_of, &Column::name);
    if (msg != wanted.end()) add(static_cast<std::size_t>(msg - wanted.begin()), exact_column, true);
}

const MariadbTable::Bound* MariadbTable::bound(std::string_view column) const {
    const auto found = std::ranges::find_if(
        columns_, [&](const Bound& b) { return !b.is_exact && columns(layout_)[b.column].name == column; });
    return found == columns_.end() ? nullptr : &*found;
}

void MariadbTable::find_state(bool create, Log& log) {
    state_ = State::foreign;
    if (bound(uid_column) != nullptr && std::ranges::any_of(indexes(), [](const Index& index) {
            return index.is_unique && index.columns.size() == 1 && same_name(index.columns[0], uid_column);
        })) {
        state_ = create && has_comment() ? State::building : State::complete;
    } else {
        make_key_index(create, log);
    }
}

std::vector<MariadbTable::Index> MariadbTable::indexes() {
    const MariadbConnection::Rows rows = connection_.query(
        "SELECT INDEX_NAME, COLUMN_NAME, NON_UNIQUE, SUB_PART FROM information_schema.STATISTICS "
        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = " +
        connection_.literal(name_) + " ORDER BY INDEX_NAME, SEQ_IN_INDEX");
    std::vector<Index> indexes;
    for (const auto& row : rows) {
        const std::string name = row[0].value_or("");
        if (indexes.empty() || indexes.back().name != name)
            indexes.push_back({.name = name, .columns = {}, .is_unique = row[2] == "0"});
        indexes.back().columns.push_back(row[1].value_or(""));
        if (row[3]) indexes.back().is_unique = false;
    }
    return indexes;
}

bool MariadbTable::has_comment() {
    const MariadbConnection::Rows rows = connection_.query(
        "SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND "
        "TABLE_NAME = " +
        connection_.literal(name_));
    return !rows.empty() && rows[0][0] == building_comment;
}

// A view has no indexes of its own.
bool MariadbTable::is_base_table() {
    return connection_
               .query(
                   "SELECT TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND "
                   "TABLE_NAME = " +
                   connection_.literal(name_))
               .at(0)
               .at(0) == "BASE TABLE";
}

// Without an index to find a row by, each row would have the whole table read.
void MariadbTable::make_key_index(bool create, Log& log) {
    constexpr std::array<std::string_view, 4> telling{uid_column, "micro_ts", "callid", "correlation_id"};
    const auto tells = [&](const Index& index) {
        return std::ranges::any_of(telling, [&](auto key) { return same_name(index.columns[0], key); });
    };
    if (std::ranges::any_of(indexes(), tells)) return;
    const std::string about =
        "table " + excerpt(name_) + " has no unique uid column and no index to find a row by";
    const std::string_view key = bound(uid_column) != nullptr ? uid_column : "micro_ts";
    if (!create || bound(key) == nullptr || !is_base_table()) {
        log.warn(about + ": loading will be slow");
        return;
    }
    log.warn(about + ": one over " + std::string(key) + " is made");
    MariadbConnection other(settings_, MariadbConnection::Patience::endless);
    other.execute("ALTER TABLE " + quoted_name(name_) + " ADD INDEX " + quoted_name(key) + " (" +
                  quoted_name(key) + ")");
}

void MariadbTable::find_identity() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (!columns_[i].is_exact && columns(layout_)[columns_[i].column].name == uid_column)
            identity_.push_back(i);
    }
    if (!identity_.empty()) return;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const std::string_view name = columns(layout_)[columns_[i].column].name;
        if (!columns_[i].is_exact && std::ranges::find(key_columns, name) != key_columns.end())
            identity_.push_back(i);
    }
}

void MariadbTable::prepare() {
    std::string names;
    std::string values;
    std::vector<const MariadbColumn*> read;
    for (const Bound& b : columns_) {
        const std::string comma = names.empty() ? "" : ", ";
        names += comma + quoted_name(b.as.name);
        values += comma + (b.is_read ? "?" : constant(fitter_.fit(Value{}, b.as, b.absent)));
        if (b.is_read) read.push_back(&b.as);
    }
    if (read.empty()) return;
    std::string sql = "INSERT INTO " + quoted_name(name_) + " (" + names + ") VALUES (" + values + ")";
    // Not IGNORE, which would turn other errors than this one into warnings.
    if (state_ != State::foreign) sql += " ON DUPLICATE KEY UPDATE uid = uid";
    insert_ = connection_.prepare(sql);
    rows_.begin(read);
}

// Sees to it that the statement reads all that the rows have.
void MariadbTable::prepare_for(const RowGroup& rows) {
    bool is_more = false;
    for (Bound& b : columns_) {
        constexpr auto octets = static_cast<std::uint8_t>(Value::Type::octets);
        const std::uint8_t present = rows.present[b.column];
        // Types are or-ed together: a set bit of `octets` says that there may be some.
        if (b.is_read || (b.is_exact ? (present & octets) == 0 : present == 0)) continue;
        b.is_read = true;
        is_more = true;
    }
    if (is_more) prepare();
}

std::uint64_t MariadbTable::insert(const RowGroup& rows, std::span<const std::uint8_t> left_out,
                                   const MariadbCounting& counting) {
    prepare_for(rows);
    const std::span<const Column> of_layout = columns(layout_);
    const auto uid =
        static_cast<std::size_t>(std::ranges::find(of_layout, uid_column, &Column::name) - of_layout.begin());
    std::set<std::string_view> seen;
    std::uint64_t inserted = 0;
    for (std::size_t at = 0; at < rows.size(); ++at) {
        if (!left_out.empty() && left_out[at] != 0) continue;
        const std::span<const Value> row = rows.row(at);
        // What has not gone over yet is not found in the table.
        if (state_ == State::foreign && (!seen.insert(row[uid].text()).second || holds(row))) continue;
        add(row, counting);
        if (rows_.octets() >= std::min(most_at_once, connection_.most_octets() / 8)) inserted += send();
    }
    return inserted + send();
}

void MariadbTable::add(std::span<const Value> row, const MariadbCounting& counting) {
    for (const Bound& b : columns_) {
        if (!b.is_read) continue;
        const Value& value = row[b.column];
        FittedValue fitted;
        if (!b.is_exact) {
            fitted = fitter_.fit(value, b.as, b.absent);
        } else if (value.type == Value::Type::octets) {
            fitted = fitter_.base64(value.text());
            // A part of it would stand for nothing.
            if (fitted.text.size() > b.as.octets) fitted = FittedValue{.text = {}, .is_cut = true};
        }
        if (fitted.is_cut) counting.cut(b.as.name);
        if (fitted.is_replaced) counting.replaced(b.as.name);
        rows_.add(fitted);
    }
}

std::uint64_t MariadbTable::send() {
    std::uint64_t inserted = 0;
    if (rows_.size() > 0 && connection_.has_bulk()) {
        inserted = insert_.execute(rows_.bind_all(), static_cast<unsigned>(rows_.size()));
    } else {
        for (std::size_t i = 0; i < rows_.size(); ++i) inserted += insert_.execute(rows_.bind_one(i), 0);
    }
    rows_.clear();
    fitter_.clear();
    return inserted;
}

// Equal in the column's order finds it by an index; equal in all octets makes sure.
void MariadbTable::prepare_find() {
    std::string condition;
    std::vector<const MariadbColumn*> parameters;
    const auto ask = [&](std::size_t i, const std::string& test) {
        condition += (condition.empty() ? "" : " AND ") + test;
        asked_.push_back(i);
        parameters.push_back(&columns_[i].as);
    };
    for (const std::size_t i : identity_) {
        const MariadbColumn& column = columns_[i].as;
        const std::string_view name = columns(layout_)[columns_[i].column].name;
        const std::string quoted = quoted_name(column.name);
        if (name != exact_of) ask(i, quoted + " <=> " + comparable(column));
        if (name == exact_of || name == "callid" || name == "correlation_id")
            ask(i, "BINARY " + quoted + " <=> BINARY " + comparable(column));
    }
    find_ = connection_.prepare("SELECT 1 FROM " + quoted_name(name_) + " WHERE " + condition + " LIMIT 1");
    key_.begin(parameters);
}

bool MariadbTable::holds(std::span<const Value> row) {
    if (identity_.empty()) return false;
    if (!find_) prepare_find();
    key_.clear();
    key_fitter_.clear();
    for (const std::size_t i : asked_) {
        const Bound& b = columns_[i];
        key_.add(key_fitter_.fit(row[b.column], b.as, b.absent));
    }
    return find_.finds(key_.bind_one(0));
}

void MariadbTable::complete(Log& log) {
    if (!has_comment()) {  // somebody else has made them
        state_ = State::complete;
        return;
    }
    const std::vector<Index> there = indexes();
    std::string sql = "ALTER TABLE " + quoted_name(name_) + " COMMENT = ''";
    for (const IndexSql& index : sql_.indexes) {
        const bool is_there =
            std::ranges::any_of(there, [&](const Index& i) { return same_name(i.name, index.name); });
        if (is_there || bound(index.column) == nullptr) continue;
        sql += ", ADD INDEX " + quoted_name(index.name) + " (" + quoted_name(index.column) + ")";
    }
    MariadbConnection other(settings_, MariadbConnection::Patience::endless);
    if (const unsigned failure = other.try_execute(sql); failure == mariadb_code::lock_wait_timeout) {
        log.warn("table " + excerpt(name_) +
                 " is in use by others: its indexes are made later, by this load or the next");
        since_ = std::chrono::steady_clock::now();
        return;
    } else if (failure != 0 && failure != mariadb_code::duplicate_index_name) {
        other.fail();
    }
    state_ = State::complete;
}

}  // namespace hepcap::sink
