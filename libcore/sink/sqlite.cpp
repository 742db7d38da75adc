#include "sink/sqlite.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "sink/open_tables.hpp"
#include "sink/sqlite_database.hpp"
#include "sink/sqlite_ledger.hpp"
#include "sink/sqlite_path.hpp"
#include "sink/sqlite_table.hpp"

namespace hepcap::sink {
namespace {

class SqliteBackend final : public Backend {
public:
    SqliteBackend(const std::string& path, const SinkOptions& options, Log& log)
        : create_(options.create),
          log_(log),
          database_(path, options.create, options.busy_timeout),
          rows_(database_.handle()) {}

    void store(const RowGroup& rows) override;
    void take_up(std::string_view table, Layout layout) override {
        if (!database_.is_in_transaction()) begin();
        table_for(table, layout);
    }
    void commit() override;
    void settle() override;
    void close() override;
    bool is_finished(std::string_view input) override;
    void mark_finished(std::string_view input) override;
    std::vector<std::string> tables() override;
    void drop_table(std::string_view name) override;

private:
    void begin();
    SqliteTable& table_for(std::string_view name, Layout layout);
    void complete(SqliteTable& table);
    void close_least_used();
    void leave_out_what_siblings_hold(const RowGroup& rows, SqliteTable& own);

    bool create_;
    Log& log_;
    SqliteDatabase database_;
    SqliteRows rows_;
    SqliteLedger ledger_{database_};
    OpenTables<SqliteTable> tables_;
    std::uint64_t batch_inserted_ = 0;
    std::uint64_t batch_already_there_ = 0;
    std::int64_t data_version_ = -1;
    std::vector<std::uint8_t> left_out_;
    SqliteTable::CountCut count_cut_ = [this](std::string_view column, std::uint64_t values) {
        count(counts_.cut, column, values);
    };
};

void SqliteBackend::store(const RowGroup& rows) {
    tables_.begin_group();
    if (!database_.is_in_transaction()) begin();
    SqliteTable& own = table_for(rows.table, rows.layout);
    left_out_.clear();
    if (!rows.siblings.empty()) leave_out_what_siblings_hold(rows, own);
    // Opening a table may have ended the batch.
    if (!database_.is_in_transaction()) begin();
    const std::uint64_t inserted = own.insert(rows, left_out_, count_cut_);
    batch_inserted_ += inserted;
    batch_already_there_ += rows.size() - inserted;
}

// The write lock is taken at once: a transaction that begins by reading may find later that another
// process was faster, and would have to be given up.
void SqliteBackend::begin() {
    database_.execute("BEGIN IMMEDIATE");
    const std::int64_t version = database_.query_integer("PRAGMA data_version");
    if (std::exchange(data_version_, version) != version) {
        // Somebody else has written.  A table that is being built has no index to see with what was
        // added to it, so it is completed first.
        bool has_building = false;
        tables_.for_each([&](const SqliteTable& table) { has_building |= table.is_building(); });
        if (has_building) {
            database_.execute("COMMIT");
            settle();
            database_.execute("BEGIN IMMEDIATE");
        }
    }
}

SqliteTable& SqliteBackend::table_for(std::string_view name, Layout layout) {
    SqliteTable* table = tables_.find(name);
    if (table == nullptr) {
        if (tables_.is_full()) close_least_used();
        SqliteTable opened(database_, rows_, std::string(name), layout, create_, log_);
        if (opened.is_incomplete()) complete(opened);
        table = &tables_.add(name, std::move(opened));
    }
    require_layout(name, table->layout(), layout);
    return *table;
}

// Indexes are made outside of the batch: what it holds so far is committed first.
void SqliteBackend::complete(SqliteTable& table) {
    commit();
    const bool was_building = table.is_building();
    const std::uint64_t removed = table.complete();
    if (was_building) {
        counts_.inserted -= std::min(removed, counts_.inserted);
        counts_.already_there += removed;
    }
}

void SqliteBackend::close_least_used() {
    SqliteTable* const least = tables_.least_used();
    if (least == nullptr) return;
    if (least->is_building()) {
        complete(*least);
        begin();
    }
    tables_.erase(*least);
}

void SqliteBackend::leave_out_what_siblings_hold(const RowGroup& rows, SqliteTable& own) {
    left_out_.assign(rows.size(), 0);
    for (const std::string& name : rows.siblings) {
        if (name == own.name()) continue;
        SqliteTable& sibling = table_for(name, rows.layout);
        if (own.is_building() && !sibling.is_foreign()) own.add_sibling(name);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (left_out_[i] == 0 && sibling.holds(rows.row(i))) left_out_[i] = 1;
        }
    }
}

void SqliteBackend::commit() {
    if (database_.is_in_transaction()) database_.execute("COMMIT");
    counts_.inserted += std::exchange(batch_inserted_, 0);
    counts_.already_there += std::exchange(batch_already_there_, 0);
    database_.set_stored(counts_.inserted + counts_.already_there);
}

void SqliteBackend::settle() {
    commit();
    tables_.for_each([this](SqliteTable& table) {
        if (table.is_building()) complete(table);
    });
    // What is filled from here on is not new any more.
    if (!tables_.empty()) database_.enter_wal_mode();
}

void SqliteBackend::close() {
    settle();
    tables_.clear();
    database_.close();
}

bool SqliteBackend::is_finished(std::string_view input) { return ledger_.holds(input); }

void SqliteBackend::mark_finished(std::string_view input) {
    if (!database_.is_in_transaction()) begin();
    ledger_.add(input, create_);
}

// SQLite's own tables do not count.
std::vector<std::string> SqliteBackend::tables() {
    const SqliteStatement list = database_.prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^'");
    std::vector<std::string> names;
    while (database_.step(list.get())) names.emplace_back(text_of(list.get(), 0));
    return names;
}

void SqliteBackend::drop_table(std::string_view name) {
    commit();
    tables_.erase(name);
    database_.execute("DROP TABLE IF EXISTS " + quoted_name(name));
}

std::string path_of(std::string_view location) {
    if (location.starts_with("//")) location.remove_prefix(2);
    if (location.empty())
        throw Error("the database URL sqlite: names no file; write sqlite:PATH", ExitCode::usage);
    return std::string(location);
}

}  // namespace

std::unique_ptr<Backend> open_sqlite(std::string_view location, const SinkOptions& options, Log& log) {
    return std::make_unique<SqliteBackend>(path_of(location), options, log);
}

void check_sqlite(std::string_view location, const SinkOptions& options) {
    check_sqlite_path(path_of(location), options.create);
}

}  // namespace hepcap::sink
