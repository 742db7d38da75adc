#include "sink/postgres.hpp"

#include <optional>
#include <utility>

#include "sink/open_tables.hpp"
#include "sink/postgres_connection.hpp"
#include "sink/postgres_partitions.hpp"
#include "sink/postgres_table.hpp"
#include "sink/table_sql.hpp"
#include "sink/text_form.hpp"

namespace hepcap::sink {
namespace {

// Octets of lines, in all tables, that make a block.  Measured: four times as many gain nothing.
constexpr std::size_t block_size = std::size_t{1024} * 1024;

class PostgresBackend final : public Backend {
public:
    PostgresBackend(std::string_view location, const SinkOptions& options, Log& log);

    void store(const RowGroup& rows) override;
    void commit() override;
    void settle() override { commit(); }
    void close() override;
    bool is_finished(std::string_view input) override;
    void mark_finished(std::string_view input) override;
    std::vector<std::string> tables() override;
    void drop_table(std::string_view name) override;

private:
    struct OpenTable {
        PostgresTable table;
        std::optional<PostgresPartitions> partitions;
    };

    OpenTable& table_for(std::string_view name, Layout layout);
    void make_homer_tables();
    void cover(const RowGroup& rows, OpenTable& open);
    void begin();
    void flush();
    void finish_block();
    void keep_tally(Layout layout);
    bool has_ledger();

    bool create_;
    bool is_async_;
    Log& log_;
    PostgresConnection connection_;
    OpenTables<OpenTable> tables_;
    PostgresTable* on_its_way_ = nullptr;  // the server has its block, and has not answered yet
    std::size_t opened_ = 0;
    std::size_t gathered_ = 0;
    bool is_in_transaction_ = false;
    PostgresTally tally_;
    // What the transaction that is open adds.
    SinkCounts noted_;
};

PostgresBackend::PostgresBackend(std::string_view location, const SinkOptions& options, Log& log)
    : create_(options.create),
      is_async_(options.insert_mode == InsertMode::async),
      log_(log),
      connection_(location, options.busy_timeout) {
    if (options.schema == Schema::homer7 && create_) make_homer_tables();
}

// homer-app asks all of them, whether there is such traffic or not.
void PostgresBackend::make_homer_tables() {
    for (const std::string_view name : homer7_tables()) table_for(name, Layout::homer7);
}

void PostgresBackend::store(const RowGroup& rows) {
    tables_.begin_group();
    OpenTable& open = table_for(rows.table, rows.layout);
    for (const std::string& name : rows.siblings) {
        if (name != rows.table) open.table.add_sibling(table_for(name, rows.layout).table);
    }
    if (open.partitions) cover(rows, open);
    tally_.cut.assign(rows.width, 0);
    tally_.replaced.assign(rows.width, 0);
    const std::size_t before = open.table.size();
    open.table.add(rows, tally_);
    keep_tally(rows.layout);
    gathered_ += open.table.size() - before;
    if (gathered_ >= block_size) flush();
}

void PostgresBackend::keep_tally(Layout layout) {
    const std::span<const Column> all = columns(layout);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (tally_.cut[i] > 0) count(noted_.cut, all[i].name, tally_.cut[i]);
        if (tally_.replaced[i] > 0) count(noted_.replaced, all[i].name, tally_.replaced[i]);
    }
}

// Tables are made outside of the transaction, since whoever asks for them waits for its end; what it holds
// so far is committed first.
PostgresBackend::OpenTable& PostgresBackend::table_for(std::string_view name, Layout layout) {
    OpenTable* open = tables_.find(name);
    if (open == nullptr) {
        commit();
        if (tables_.is_full()) {
            // Nothing is gathered or on its way: all is committed.
            if (const OpenTable* const least = tables_.least_used()) tables_.erase(*least);
        }
        OpenTable opened{PostgresTable(connection_, std::string(name), layout, ++opened_, create_, log_), {}};
        if (layout == Layout::homer7 && opened.table.is_partitioned())
            opened.partitions.emplace(connection_, std::string(name));
        open = &tables_.add(name, std::move(opened));
    }
    require_layout(name, open->table.layout(), layout);
    return *open;
}

// Sees to it that there is a partition for each row.
void PostgresBackend::cover(const RowGroup& rows, OpenTable& open) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Value& time = rows.row(i)[homer7_time_column];
        if (!time.is_textual() || open.partitions->covers(time.text())) continue;
        commit();
        open.partitions->make(time.text());
        open.partitions->make_ahead(time.text());
    }
}

void PostgresBackend::begin() {
    if (is_in_transaction_) return;
    connection_.execute("BEGIN");
    is_in_transaction_ = true;
}

// Without --insert-mode=async the server's answer to each block is waited for.  With it the answer to the
// last one is fetched when the next block is ready, or at the commit.
void PostgresBackend::flush() {
    if (gathered_ == 0) return;
    finish_block();
    begin();
    tables_.for_each([this](OpenTable& open) {
        if (open.table.size() == 0) return;
        finish_block();
        open.table.start();
        on_its_way_ = &open.table;
    });
    gathered_ = 0;
    if (!is_async_) finish_block();
}

void PostgresBackend::finish_block() {
    if (on_its_way_ == nullptr) return;
    const PostgresCounts block = std::exchange(on_its_way_, nullptr)->finish();
    noted_.inserted += block.inserted;
    noted_.already_there += block.already_there;
}

void PostgresBackend::commit() {
    flush();
    finish_block();
    if (is_in_transaction_) connection_.execute("COMMIT");
    is_in_transaction_ = false;
    add(counts_, std::exchange(noted_, {}));
    connection_.set_stored(counts_.inserted + counts_.already_there);
}

void PostgresBackend::close() {
    commit();
    tables_.clear();
    connection_.close();
}

std::string as_text(std::string_view octets) {
    std::string text;
    append_replaced(text, octets);
    return text;
}

bool PostgresBackend::has_ledger() {
    const PostgresResult table = connection_.query(
        "SELECT 1 WHERE to_regclass('hepcap_ledger') IS NOT NULL AND has_table_privilege('hepcap_ledger', "
        "'SELECT, INSERT')");
    return PQntuples(table.get()) > 0;
}

bool PostgresBackend::is_finished(std::string_view input) {
    commit();
    if (!has_ledger()) return false;
    const PostgresResult found =
        connection_.query("SELECT 1 FROM hepcap_ledger WHERE input = $1", {as_text(input)});
    return PQntuples(found.get()) > 0;
}

// Whoever may not make tables has no ledger: what is loaded again is found to be there then, row by row.
void PostgresBackend::mark_finished(std::string_view input) {
    flush();
    finish_block();
    begin();
    if (!has_ledger()) {
        const PostgresResult may = connection_.query(
            "SELECT has_schema_privilege(current_schema(), 'CREATE'), "
            "to_regclass('hepcap_ledger') IS NULL");
        const bool can_make = *PQgetvalue(may.get(), 0, 0) == 't' && *PQgetvalue(may.get(), 0, 1) == 't';
        if (!create_ || !can_make) return;
        connection_.execute(
            "CREATE TABLE IF NOT EXISTS hepcap_ledger (input text PRIMARY KEY, finished timestamptz NOT NULL "
            "DEFAULT now())");
    }
    connection_.query("INSERT INTO hepcap_ledger (input) VALUES ($1) ON CONFLICT DO NOTHING",
                      {as_text(input)});
}

std::vector<std::string> PostgresBackend::tables() {
    finish_block();
    const PostgresResult found = connection_.query(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind IN ('r', "
        "'p') AND "
        "pg_table_is_visible(c.oid) AND nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY "
        "relname");
    std::vector<std::string> names;
    for (int row = 0; row < PQntuples(found.get()); ++row)
        names.emplace_back(PQgetvalue(found.get(), row, 0));
    return names;
}

void PostgresBackend::drop_table(std::string_view name) {
    commit();
    // What is remembered of it, or of the table whose part it is, holds no more.
    tables_.clear();
    connection_.execute("DROP TABLE IF EXISTS " + quoted_name(name));
}

}  // namespace

std::unique_ptr<Backend> open_postgres(std::string_view location, const SinkOptions& options, Log& log) {
    return std::make_unique<PostgresBackend>(location, options, log);
}

void check_postgres(std::string_view location, const SinkOptions& options) {
    PostgresConnection(location, options.busy_timeout).close();
}

}  // namespace hepcap::sink
