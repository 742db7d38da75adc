#include "sink/mariadb.hpp"

#include <utility>

#include "base/error.hpp"
#include "sink/mariadb_connection.hpp"
#include "sink/mariadb_settings.hpp"
#include "sink/mariadb_table.hpp"
#include "sink/open_tables.hpp"
#include "sink/queued_backend.hpp"
#include "sink/table_sql.hpp"

namespace hepcap::sink {
namespace {

// A table that is filled without a pause gets its indexes after that time: who looks for a call of today
// should not have to wait for the night.
constexpr std::chrono::seconds longest_building{60};

class MariadbBackend final : public Backend {
public:
    MariadbBackend(MariadbSettings settings, const SinkOptions& options, Log& log)
        : create_(options.create), log_(log), settings_(std::move(settings)), connection_(settings_) {}

    void store(const RowGroup& rows) override;
    void take_up(std::string_view table, Layout layout) override { table_for(table, layout); }
    void commit() override;
    void settle() override;
    void close() override;
    bool is_finished(std::string_view input) override;
    void mark_finished(std::string_view input) override;
    std::vector<std::string> tables() override;
    void drop_table(std::string_view name) override;

private:
    void begin();
    MariadbTable& table_for(std::string_view name, Layout layout);
    void close_least_used();
    void leave_out_what_siblings_hold(const RowGroup& rows, const MariadbTable& own);
    bool find_ledger();
    void make_ledger();

    bool create_;
    Log& log_;
    MariadbSettings settings_;
    MariadbConnection connection_;
    OpenTables<MariadbTable> tables_;
    bool is_in_transaction_ = false;
    bool has_ledger_ = false;
    std::uint64_t batch_inserted_ = 0;
    std::uint64_t batch_already_there_ = 0;
    std::vector<std::uint8_t> left_out_;
    MariadbCounting counting_{[this](std::string_view column) { count(counts_.cut, column); },
                              [this](std::string_view column) { count(counts_.replaced, column); }};
};

void MariadbBackend::begin() {
    if (is_in_transaction_) return;
    connection_.execute("START TRANSACTION");
    is_in_transaction_ = true;
}

void MariadbBackend::store(const RowGroup& rows) {
    tables_.begin_group();
    MariadbTable& own = table_for(rows.table, rows.layout);
    begin();
    left_out_.clear();
    if (!rows.siblings.empty()) leave_out_what_siblings_hold(rows, own);
    const std::uint64_t inserted = own.insert(rows, left_out_, counting_);
    batch_inserted_ += inserted;
    batch_already_there_ += rows.size() - inserted;
}

MariadbTable& MariadbBackend::table_for(std::string_view name, Layout layout) {
    MariadbTable* table = tables_.find(name);
    if (table == nullptr) {
        if (tables_.is_full()) close_least_used();
        table = &tables_.add(name,
                             MariadbTable(connection_, settings_, std::string(name), layout, create_, log_));
    }
    require_layout(name, table->layout(), layout);
    return *table;
}

void MariadbBackend::close_least_used() {
    MariadbTable* const least = tables_.least_used();
    if (least == nullptr) return;
    if (least->is_building()) {
        commit();
        least->complete(log_);
    }
    tables_.erase(*least);
}

void MariadbBackend::leave_out_what_siblings_hold(const RowGroup& rows, const MariadbTable& own) {
    left_out_.assign(rows.size(), 0);
    const std::string own_name = own.name();
    for (const std::string& name : rows.siblings) {
        if (name == own_name) continue;
        MariadbTable& sibling = table_for(name, rows.layout);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (left_out_[i] == 0 && sibling.holds(rows.row(i))) left_out_[i] = 1;
        }
    }
}

void MariadbBackend::commit() {
    if (std::exchange(is_in_transaction_, false)) connection_.execute("COMMIT");
    counts_.inserted += std::exchange(batch_inserted_, 0);
    counts_.already_there += std::exchange(batch_already_there_, 0);
    const auto now = std::chrono::steady_clock::now();
    tables_.for_each([&](MariadbTable& table) {
        if (table.is_building() && now - table.since() > longest_building) table.complete(log_);
    });
}

void MariadbBackend::settle() {
    commit();
    tables_.for_each([this](MariadbTable& table) {
        if (table.is_building()) table.complete(log_);
    });
}

void MariadbBackend::close() {
    settle();
    tables_.clear();
}

// Tables are made and dropped on connections of their own: that would end a transaction.
void MariadbBackend::make_ledger() {
    if (find_ledger()) return;
    if (!create_) {
        throw Error(connection_.subject() +
                    " has no table 'hepcap_ledger'; let it be made with --create, or leave --ledger out");
    }
    has_ledger_ = true;
    MariadbConnection(settings_).execute(
        "CREATE TABLE IF NOT EXISTS hepcap_ledger (input varchar(700) CHARACTER SET utf8mb4 COLLATE "
        "utf8mb4_bin NOT NULL, finished datetime NOT NULL, PRIMARY KEY (input)) ENGINE = InnoDB "
        "ROW_FORMAT = DYNAMIC COMMENT = 'inputs that hepcap-load has loaded whole, times in UTC'");
}

bool MariadbBackend::find_ledger() {
    constexpr std::string_view sql =
        "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = "
        "'hepcap_ledger'";
    has_ledger_ = has_ledger_ || !connection_.query(sql).empty();
    return has_ledger_;
}

bool MariadbBackend::is_finished(std::string_view input) {
    return find_ledger() &&
           !connection_.query("SELECT 1 FROM hepcap_ledger WHERE input = " + connection_.literal(input))
                .empty();
}

void MariadbBackend::mark_finished(std::string_view input) {
    make_ledger();
    begin();
    connection_.execute("INSERT INTO hepcap_ledger (input, finished) VALUES (" + connection_.literal(input) +
                        ", UTC_TIMESTAMP()) ON DUPLICATE KEY UPDATE finished = VALUES(finished)");
}

std::vector<std::string> MariadbBackend::tables() {
    std::vector<std::string> names;
    for (const auto& row : connection_.query(
             "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND "
             "TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME")) {
        names.push_back(row[0].value_or(""));
    }
    return names;
}

void MariadbBackend::drop_table(std::string_view name) {
    tables_.erase(name);
    MariadbConnection(settings_).execute("DROP TABLE IF EXISTS " + quoted_name(name));
}

}  // namespace

std::unique_ptr<Backend> open_mariadb(std::string_view location, const SinkOptions& options, Log& log) {
    auto backend = std::make_unique<MariadbBackend>(mariadb_settings(location), options, log);
    if (options.insert_mode != InsertMode::async) return backend;
    return std::make_unique<QueuedBackend>(std::move(backend));
}

void check_mariadb(std::string_view location, const SinkOptions& /*options*/) { mariadb_settings(location); }

}  // namespace hepcap::sink
