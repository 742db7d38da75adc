#include "sink/postgres_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/excerpt.hpp"
#include "sink/embedded_sql.hpp"
#include "sink/table_sql.hpp"

namespace hepcap::sink {
namespace {

constexpr std::string_view uid_column = "uid";
constexpr std::string_view base64_column = "msg_b64";

// PostgreSQL cuts longer names, and two that are then alike would be one table.
constexpr std::size_t longest_name = 63;

// What tells rows from each other where no uid does.
constexpr std::array<std::string_view, 11> key_columns{
    "micro_ts",         "callid", "correlation_id", "source_ip", "source_port", "destination_ip",
    "destination_port", "sid",    "create_date",    "msg",       "raw",
};

// Loaders that make the same table at the same time take turns: a number of our own for the lock.
constexpr std::string_view making_lock = "SELECT pg_advisory_xact_lock(1212501072)";

// name, type, width, takes NULL, stands in an index, is computed by the server
constexpr std::string_view describe_columns = R"(
SELECT a.attname, t.typname,
       CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 0 END,
       NOT a.attnotnull,
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND a.attnum = ANY (i.indkey))
  FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid
       JOIN pg_type t ON t.oid = CASE WHEN b.typtype = 'd' THEN b.typbasetype ELSE b.oid END
 WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')";

// For each index its columns in order, then whether it is unique, whole and in force.
constexpr std::string_view describe_indexes = R"(
SELECT ARRAY(SELECT a.attname FROM unnest(i.indkey) WITH ORDINALITY k(number, place)
               JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY place)::text,
       i.indisunique AND i.indisvalid AND i.indpred IS NULL AND NOT 0 = ANY (i.indkey)
  FROM pg_index i WHERE i.indrelid = to_regclass($1))";

std::string_view cell(const PGresult* result, int row, int column) {
    return {PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column))};
}

bool is_true(const PGresult* result, int row, int column) { return cell(result, row, column) == "t"; }

std::size_t number_in(std::string_view text) {
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// Number of the column that msg_b64 repeats.
std::size_t payload_of(Layout layout) {
    const std::string_view name = layout == Layout::homer7 ? "raw" : "msg";
    const std::span<const Column> all = columns(layout);
    return static_cast<std::size_t>(std::ranges::find(all, name, &Column::name) - all.begin());
}

// Kamailio's driver writes msg as a bytea literal: in a column of text it stands as \x and hex digits.
std::string same_values(const std::vector<std::string>& keys, bool has_text_of_msg) {
    std::string condition;
    for (const std::string& key : keys) {
        if (!condition.empty()) condition += " AND ";
        const std::string same = "t." + quoted_name(key) + " = s." + quoted_name(key);
        const bool may_be_hex = key == "msg" && has_text_of_msg;
        condition +=
            may_be_hex ? "(" + same + " OR t.msg = '\\x' || encode(convert_to(s.msg, 'UTF8'), 'hex'))" : same;
    }
    return condition;
}

}  // namespace

PostgresTable::PostgresTable(PostgresConnection& connection, std::string name, Layout layout,
                             std::size_t number, bool create, Log& log)
    : connection_(connection),
      name_(std::move(name)),
      quoted_(quoted_name(name_)),
      layout_(layout),
      staging_("hepcap_rows_" + std::to_string(number)) {
    if (name_.empty() || name_.size() > longest_name || name_.find('\0') != std::string::npos) {
        throw Error(
            "no table of PostgreSQL can be named " + excerpt(name_, 80) + ": a name has 1 to 63 octets",
            ExitCode::usage);
    }
    if (!find_columns()) {
        if (!create)
            throw Error(connection_.name() + " has no table " + excerpt(name_) +
                        "; let it be made with --create");
        make();
        find_columns();
    }
    if (rows_.columns().empty()) {
        throw Error("table " + excerpt(name_) + " of " + connection_.name() +
                    " has none of the columns that are to be stored; name another with --table");
    }
    find_indexes(create, log);
}

void PostgresTable::make() {
    const TableSql sql = parse_table_sql(embedded_sql("postgres/" + std::string(sql_file(layout_))), name_);
    std::string statements = std::string("BEGIN; ").append(making_lock);
    connection_.execute(statements);
    // Another loader may have been faster.
    const PostgresResult there = connection_.query("SELECT to_regclass($1) IS NOT NULL", {quoted_});
    statements.clear();
    if (!is_true(there.get(), 0, 0)) {
        statements = sql.create + "; ";
        for (const IndexSql& index : sql.indexes) statements += index.sql + "; ";
    }
    connection_.execute(statements + "COMMIT");
}

// False where there is no such table.
bool PostgresTable::find_columns() {
    const PostgresResult described = connection_.query(std::string(describe_columns), {quoted_});
    if (PQntuples(described.get()) == 0) return false;
    std::vector<PostgresColumn> found = described_columns(described.get());
    std::size_t payload = PostgresRows::none;
    for (int row = 0; row < PQntuples(described.get()); ++row) {
        if (cell(described.get(), row, 0) == base64_column) payload = payload_of(layout_);
    }
    columns_.clear();
    for (const PostgresColumn& column : found)
        columns_ += (columns_.empty() ? "" : ", ") + quoted_name(column.name);
    if (payload != PostgresRows::none) columns_.append(", ").append(base64_column);
    rows_ = PostgresRows(std::move(found), payload);
    const PostgresResult kind =
        connection_.query("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass($1)", {quoted_});
    is_partitioned_ = PQntuples(kind.get()) == 1 && is_true(kind.get(), 0, 0);
    return true;
}

std::vector<PostgresColumn> PostgresTable::described_columns(const PGresult* described) {
    std::vector<PostgresColumn> found;
    const std::span<const Column> wanted = columns(layout_);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        for (int row = 0; row < PQntuples(described); ++row) {
            if (cell(described, row, 0) != wanted[i].name) continue;
            const bool takes_null = layout_ == Layout::record && is_true(described, row, 3);
            PostgresRule rule = postgres_rule(cell(described, row, 1), number_in(cell(described, row, 2)),
                                              is_true(described, row, 4), takes_null);
            // A uid that is cut would be another record's.
            if (wanted[i].name == uid_column) rule.width = ColumnRule::unlimited;
            found.push_back({i, wanted[i].name, rule});
        }
    }
    return found;
}

bool PostgresTable::has(std::string_view column) const {
    return std::ranges::find(rows_.columns(), column, &PostgresColumn::name) != rows_.columns().end();
}

bool PostgresTable::has_text_of_msg() const {
    const auto msg = std::ranges::find(rows_.columns(), "msg", &PostgresColumn::name);
    return msg != rows_.columns().end() && msg->rule.form == PostgresRule::Form::text;
}

void PostgresTable::find_indexes(bool create, Log& log) {
    const PostgresResult indexes = connection_.query(std::string(describe_indexes), {quoted_});
    const std::string_view unique = layout_ == Layout::homer7 ? "{uid,create_date}" : "{uid}";
    bool is_searchable = is_partitioned_;
    for (int row = 0; row < PQntuples(indexes.get()); ++row) {
        const std::string_view list = cell(indexes.get(), row, 0);
        has_unique_uid_ = has_unique_uid_ || (list == unique && is_true(indexes.get(), row, 1));
        const std::string_view first = list.substr(1, list.find_first_of(",}") - 1);
        constexpr std::array<std::string_view, 5> telling{"micro_ts", "callid", "correlation_id", "sid",
                                                          "create_date"};
        const bool tells =
            has(uid_column) ? first == uid_column : std::ranges::find(telling, first) != telling.end();
        is_searchable = is_searchable || tells;
    }
    keys_.clear();
    if (has(uid_column)) {
        keys_.emplace_back(uid_column);
        if (layout_ == Layout::homer7) keys_.emplace_back("create_date");
    } else {
        for (const std::string_view key : key_columns) {
            if (has(key)) keys_.emplace_back(key);
        }
    }
    if (has_unique_uid_ || is_searchable || keys_.empty()) return;
    const std::string about = "table " + excerpt(name_) + " has no uid column and no index to find a row by";
    if (create && has("micro_ts")) {
        log.warn(about + ": one over micro_ts is made");
        connection_.execute("CREATE INDEX ON " + quoted_ + " (micro_ts)",
                            PostgresConnection::Patience::for_ever);
    } else {
        log.warn(about + ": loading will be slow");
    }
}

void PostgresTable::add(const RowGroup& rows, PostgresTally& tally) {
    rows_.append(lines_, rows, tally);
    count_ += rows.size();
}

std::string PostgresTable::straight_sql() const {
    return "SAVEPOINT hepcap_block; COPY " + quoted_ + " (" + columns_ + ") FROM STDIN; RELEASE hepcap_block";
}

void PostgresTable::add_sibling(const PostgresTable& sibling) {
    if (sibling.name_ == name_ || siblings_.contains(sibling.name_)) return;
    std::vector<std::string> common;
    if (has(uid_column) && sibling.has(uid_column)) {
        common.emplace_back(uid_column);
    } else {
        for (const std::string_view key : key_columns) {
            if (has(key) && sibling.has(key)) common.emplace_back(key);
        }
    }
    if (!common.empty()) siblings_.emplace(sibling.name_, same_values(common, has_text_of_msg()));
}

// What a row of the temporary table must not have in common with one that is there.
std::string PostgresTable::condition_of_new() const {
    std::string conditions;
    const auto add = [&](const std::string& table, const std::string& condition) {
        conditions += conditions.empty() ? " WHERE " : " AND ";
        conditions += "NOT EXISTS (SELECT 1 FROM " + table + " t WHERE " + condition + ")";
    };
    if (!has_unique_uid_ && !keys_.empty()) add(quoted_, same_values(keys_, has_text_of_msg()));
    for (const auto& [sibling, condition] : siblings_) add(quoted_name(sibling), condition);
    return conditions;
}

// The rows that are looked for are few, those that are there many: whatever the server believes about a
// table that it has not analysed, it is to go by the index.
std::string PostgresTable::staging_sql() const {
    std::string sql = "CREATE TEMPORARY TABLE " + staging_ + " ON COMMIT DROP AS SELECT " + columns_ +
                      " FROM " + quoted_ + " WITH NO DATA; COPY " + staging_ + " (" + columns_ +
                      ") FROM STDIN; ";
    sql +=
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off; "
        "INSERT INTO " +
        quoted_ + " (" + columns_ + ") SELECT " + columns_ + " FROM ";
    if (has_unique_uid_ || keys_.empty()) {
        sql += staging_ + " s" + condition_of_new();
    } else {
        // The same row twice in one block: the first counts.
        std::string keys;
        for (const std::string& key : keys_) keys += (keys.empty() ? "" : ", ") + quoted_name(key);
        sql += "(SELECT DISTINCT ON (" + keys + ") *, ctid AS hepcap_place FROM " + staging_ + " ORDER BY " +
               keys + ", ctid) s" + condition_of_new() + " ORDER BY hepcap_place";
    }
    if (has_unique_uid_)
        sql += layout_ == Layout::homer7 ? " ON CONFLICT (uid, create_date) DO NOTHING"
                                         : " ON CONFLICT (uid) DO NOTHING";
    return sql + "; DROP TABLE " + staging_;
}

void PostgresTable::start() {
    sent_.clear();
    sent_.swap(lines_);
    sent_count_ = std::exchange(count_, 0);
    is_straight_ = has_unique_uid_ && siblings_.empty() && !expects_known_rows_;
    connection_.start_copy(is_straight_ ? straight_sql() : staging_sql(), sent_);
}

PostgresCounts PostgresTable::finish() {
    std::vector<std::uint64_t> changed;
    bool is_done = connection_.finish_copy(changed);
    if (!is_done && is_straight_) {
        connection_.execute("ROLLBACK TO hepcap_block; RELEASE hepcap_block");
        is_straight_ = false;
        connection_.start_copy(staging_sql(), sent_);
        is_done = connection_.finish_copy(changed);
    }
    if (!is_done) {
        throw Error("table " + excerpt(name_) + " of " + connection_.name() +
                    " has a unique index that the rows break; drop it, or name another table");
    }
    // Straight, COPY comes first; else INSERT comes last but one.
    const std::uint64_t inserted = changed.at(is_straight_ ? 0 : changed.size() - 2);
    const std::uint64_t known = sent_count_ - std::min(inserted, sent_count_);
    expects_known_rows_ = !is_straight_ && known > 0;
    return {inserted, known};
}

}  // namespace hepcap::sink
