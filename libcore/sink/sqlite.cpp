#include "sink/sqlite.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "sink/sqlite_database.hpp"
#include "sink/sqlite_path.hpp"
#include "sink/sqlite_table.hpp"

namespace hepcap::sink {
namespace {

using std::chrono::steady_clock;

// Tables with prepared statements.  Names may follow the time, and times come from the input: without a
// bound a hostile one would open a table a record.
constexpr std::size_t max_open_tables = 64;

// Looking at the clock costs as much as a column.
constexpr std::uint64_t rows_between_looks = 64;

class SqliteSink final : public Sink {
public:
    SqliteSink(const std::string& path, const SinkOptions& options, Log& log)
        : Sink(options), log_(log), database_(path, options.create, options.busy_timeout) {}

    void flush() override;
    void settle() override;
    void close() override;

protected:
    void insert(std::string_view table, Layout layout, const record::Record& record,
                std::span<const std::string_view> siblings) override;

private:
    struct OpenTable {
        SqliteTable table;
        std::uint64_t used = 0;  // number of the record that needed it last
    };
    using Tables = std::map<std::string, OpenTable, std::less<>>;

    void begin();
    SqliteTable& table_for(std::string_view name, Layout layout);
    void complete(SqliteTable& table);
    void close_least_used();
    bool is_stored_in(std::span<const std::string_view> siblings, SqliteTable& own,
                      const record::Record& record);

    Log& log_;
    SqliteDatabase database_;
    Tables tables_;
    OpenTable* last_ = nullptr;
    std::uint64_t tick_ = 0;
    std::uint64_t batch_inserted_ = 0;
    std::uint64_t batch_already_there_ = 0;
    std::int64_t data_version_ = -1;
    RowValues values_;
    SqliteTable::CountCut count_cut_ = [this](std::string_view column) { count(counts_.cut, column); };
};

void SqliteSink::insert(std::string_view table, Layout layout, const record::Record& record,
                        std::span<const std::string_view> siblings) {
    ++tick_;
    if (!database_.is_in_transaction()) begin();
    SqliteTable& own = table_for(table, layout);
    const bool is_elsewhere = !siblings.empty() && is_stored_in(siblings, own, record);
    // Opening a table may have ended the batch.
    if (!database_.is_in_transaction()) begin();
    if (is_elsewhere) {
        ++batch_already_there_;
    } else if (own.insert(record, values_, count_cut_)) {
        ++batch_inserted_;
    } else {
        ++batch_already_there_;
    }
    ++pending_;
    if (pending_ >= options_.batch) {
        flush();
    } else if (pending_ % rows_between_looks == 0 &&
               steady_clock::now() - pending_since_ >= options_.flush_after) {
        flush();
    }
}

// The write lock is taken at once: a transaction that begins by reading may find later that another
// process was faster, and would have to be given up.
void SqliteSink::begin() {
    database_.execute("BEGIN IMMEDIATE");
    const std::int64_t version = database_.query_integer("PRAGMA data_version");
    if (std::exchange(data_version_, version) != version) {
        // Somebody else has written.  A table that is being built has no index to see with what was
        // added to it, so it is completed first.
        if (std::ranges::any_of(tables_,
                                [](const auto& entry) { return entry.second.table.is_building(); })) {
            database_.execute("COMMIT");
            settle();
            database_.execute("BEGIN IMMEDIATE");
        }
    }
    pending_since_ = steady_clock::now();
}

SqliteTable& SqliteSink::table_for(std::string_view name, Layout layout) {
    if (last_ == nullptr || last_->table.name() != name) {
        auto found = tables_.find(name);
        if (found == tables_.end()) {
            if (tables_.size() >= max_open_tables) close_least_used();
            SqliteTable opened(database_, std::string(name), layout, options_.create, log_);
            if (opened.is_incomplete()) complete(opened);
            found = tables_.emplace(std::string(name), OpenTable{std::move(opened)}).first;
        }
        last_ = &found->second;
    }
    if (last_->table.layout() != layout) {
        throw Error("table '" + std::string(name) +
                        "' cannot hold both SIP messages and reports; name different tables",
                    ExitCode::usage);
    }
    last_->used = tick_;
    return last_->table;
}

// Indexes are made outside of the batch: what it holds so far is committed first.
void SqliteSink::complete(SqliteTable& table) {
    flush();
    if (database_.is_in_transaction()) database_.execute("COMMIT");
    const bool was_building = table.is_building();
    const std::uint64_t removed = table.complete();
    if (was_building) {
        counts_.inserted -= std::min(removed, counts_.inserted);
        counts_.already_there += removed;
    }
}

void SqliteSink::close_least_used() {
    const auto least =
        std::ranges::min_element(tables_, {}, [](const auto& entry) { return entry.second.used; });
    // More siblings than tables may be open: those of the record at hand stay.
    if (least->second.used == tick_) return;
    if (least->second.table.is_building()) {
        complete(least->second.table);
        begin();
    }
    last_ = nullptr;
    tables_.erase(least);
}

bool SqliteSink::is_stored_in(std::span<const std::string_view> siblings, SqliteTable& own,
                              const record::Record& record) {
    for (const std::string_view name : siblings) {
        if (name == own.name()) continue;
        SqliteTable& sibling = table_for(name, own.layout());
        if (own.is_building() && !sibling.is_foreign()) own.add_sibling(name);
        if (sibling.holds(record, values_)) return true;
    }
    return false;
}

void SqliteSink::flush() {
    if (pending_ == 0) return;
    database_.execute("COMMIT");
    counts_.inserted += std::exchange(batch_inserted_, 0);
    counts_.already_there += std::exchange(batch_already_there_, 0);
    database_.set_stored(counts_.inserted + counts_.already_there);
    pending_ = 0;
}

void SqliteSink::settle() {
    for (auto& [name, open] : tables_) {
        if (open.table.is_building()) complete(open.table);
    }
    // What is filled from here on is not new any more.
    if (!tables_.empty() && !database_.is_in_transaction()) database_.enter_wal_mode();
}

void SqliteSink::close() {
    flush();
    settle();
    last_ = nullptr;
    tables_.clear();
    database_.close();
}

std::string path_of(std::string_view location) {
    if (location.starts_with("//")) location.remove_prefix(2);
    if (location.empty())
        throw Error("the database URL sqlite: names no file; write sqlite:PATH", ExitCode::usage);
    return std::string(location);
}

}  // namespace

std::unique_ptr<Sink> open_sqlite(std::string_view location, const SinkOptions& options, Log& log) {
    return std::make_unique<SqliteSink>(path_of(location), options, log);
}

void check_sqlite(std::string_view location, const SinkOptions& options) {
    check_sqlite_path(path_of(location), options.create);
}

}  // namespace hepcap::sink
