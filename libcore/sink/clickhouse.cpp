// Rows are gathered to a block for each table.  A commit looks which of them are there, and inserts the
// others: one INSERT a block, which the server stores as a whole as far as its rows are of one day.
// ClickHouse has no transactions, so a commit that fails may have stored some of its blocks; those rows are
// found to be there when they come again.
//
// With InsertMode::async a batch of more than ten thousand rows goes in up to four pieces over a second
// connection, each while the next one fills; a commit waits for the last.
#include "sink/clickhouse.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "sink/clickhouse_ledger.hpp"
#include "sink/clickhouse_table.hpp"
#include "sink/clickhouse_writer.hpp"
#include "sink/open_tables.hpp"

namespace hepcap::sink {
namespace {

// Rows that wait are stored, committed or not, when they are so many octets: memory is bounded whatever
// --batch says, and a server makes nothing faster of larger blocks.  With a second connection it is half of
// that, twice.
constexpr std::size_t most_waiting = std::size_t{16} << 20U;

// Of a batch, with InsertMode::async.  Smaller ones are not worth it: a server stores 2,500 rows in hardly
// less time than 10,000, and merges the parts afterwards.
constexpr std::uint64_t pieces = 4;
constexpr std::uint64_t smallest_piece = 10'000;

// Names may follow the time, and times come from the input.
constexpr std::size_t max_open_tables = 256;

// How tables() tells a partition: table, colon, day.
constexpr char partition_mark = ':';

class ClickHouseBackend final : public Backend {
public:
    ClickHouseBackend(std::string_view location, const SinkOptions& options)
        : create_(options.create),
          cluster_(options.cluster),
          server_(location, options.retry.must_end),
          piece_(std::max(options.batch / pieces, smallest_piece)) {
        server_.connect();
        if (options.insert_mode == InsertMode::async) writer_.emplace(location, options.retry.must_end);
    }

    void store(const RowGroup& rows) override;
    void commit() override;
    void settle() override { commit(); }
    void close() override { commit(); }
    bool is_finished(std::string_view input) override { return is_in_ledger(server_, input); }
    void mark_finished(std::string_view input) override;
    std::vector<std::string> tables() override;
    void drop_table(std::string_view name) override;

private:
    ClickHouseTablePtr table_for(const std::string& name, Layout layout);
    ClickHouseBlock& block_for(const RowGroup& rows);
    void pass_on();
    void add(const ClickHouseBlock::Stored& stored);
    std::string on_cluster() const;

    bool create_;
    std::string cluster_;
    ClickHouseServer server_;
    std::optional<ClickHouseWriter> writer_;
    std::map<std::string, ClickHouseTablePtr, std::less<>> tables_;
    ClickHouseWork waiting_;
    std::size_t octets_ = 0;  // that wait
    std::uint64_t rows_ = 0;  // that wait
    std::uint64_t piece_;     // rows to pass on to writer_
    std::vector<NamedCount> cut_;
    ClickHouseBlock::Stored uncommitted_;  // stored because they were many
};

void ClickHouseBackend::store(const RowGroup& rows) {
    ClickHouseBlock* block = nullptr;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (block == nullptr) block = &block_for(rows);
        const std::size_t before = block->octets();
        block->append(rows.row(i), cut_);
        octets_ += block->octets() - before;
        ++rows_;
        if (octets_ >= (writer_ ? most_waiting / 2 : most_waiting) || (writer_ && rows_ >= piece_)) {
            pass_on();
            block = nullptr;
        }
    }
}

ClickHouseTablePtr ClickHouseBackend::table_for(const std::string& name, Layout layout) {
    auto found = tables_.find(name);
    if (found == tables_.end()) {
        // Blocks that wait keep theirs.
        if (tables_.size() >= max_open_tables) tables_.clear();
        found = tables_.emplace(name, open_clickhouse_table(server_, name, layout, create_, cluster_)).first;
    }
    require_layout(name, found->second->layout, layout);
    return found->second;
}

ClickHouseBlock& ClickHouseBackend::block_for(const RowGroup& rows) {
    std::vector<ClickHouseTablePtr> siblings;
    for (const std::string& name : rows.siblings) siblings.push_back(table_for(name, rows.layout));
    ClickHouseTablePtr table = table_for(rows.table, rows.layout);
    const auto found = std::ranges::find_if(waiting_.blocks, [&](const ClickHouseBlock& block) {
        return &block.table() == table.get() && block.has_siblings(siblings);
    });
    if (found != waiting_.blocks.end()) return *found;
    return waiting_.blocks.emplace_back(std::move(table), std::move(siblings));
}

void ClickHouseBackend::add(const ClickHouseBlock::Stored& stored) {
    uncommitted_.inserted += stored.inserted;
    uncommitted_.already_there += stored.already_there;
}

void ClickHouseBackend::mark_finished(std::string_view input) {
    make_ledger(server_, create_);
    waiting_.inputs.emplace_back(input);
}

// Stores what waits, or has it stored.
void ClickHouseBackend::pass_on() {
    if (waiting_.is_empty()) return;
    octets_ = 0;
    rows_ = 0;
    ClickHouseWork work = std::exchange(waiting_, {});
    add(writer_ ? writer_->give(std::move(work)) : store_work(server_, work));
}

void ClickHouseBackend::commit() {
    pass_on();
    if (writer_) add(writer_->wait());
    counts_.inserted += std::exchange(uncommitted_.inserted, 0);
    counts_.already_there += std::exchange(uncommitted_.already_there, 0);
    sink::add(counts_.cut, std::exchange(cut_, {}));
}

std::string ClickHouseBackend::on_cluster() const {
    return cluster_.empty() ? "" : " ON CLUSTER " + clickhouse_literal(cluster_);
}

std::vector<std::string> ClickHouseBackend::tables() {
    std::vector<std::string> names;
    const auto take = [&](std::string_view sql) {
        const std::string answer = server_.ask(sql);
        std::string_view rest = answer;
        while (const auto name = take_row_binary_text(rest)) names.emplace_back(*name);
    };
    take("SELECT name FROM system.tables WHERE database = currentDatabase() FORMAT RowBinary");
    take("SELECT DISTINCT concat(table, '" + std::string(1, partition_mark) +
         "', partition) FROM system.parts WHERE database = currentDatabase() AND active AND partition != "
         "'tuple()' "
         "FORMAT RowBinary");
    return names;
}

// A partition's name holds only digits here: what the tables made by hepcap are parted by.
void ClickHouseBackend::drop_table(std::string_view name) {
    commit();
    const std::size_t mark = name.rfind(partition_mark);
    const std::string_view partition = mark == std::string_view::npos ? "" : name.substr(mark + 1);
    if (mark == std::string_view::npos) {
        server_.ask("DROP TABLE IF EXISTS " + clickhouse_name(name) + on_cluster());
    } else if (!partition.empty() &&
               std::ranges::all_of(partition, [](char c) { return c >= '0' && c <= '9'; })) {
        server_.ask("ALTER TABLE " + clickhouse_name(name.substr(0, mark)) + on_cluster() +
                    " DROP PARTITION " + std::string(partition));
    }
    tables_.clear();
}

}  // namespace

std::unique_ptr<Backend> open_clickhouse(std::string_view location, const SinkOptions& options,
                                         Log& /*log*/) {
    return std::make_unique<ClickHouseBackend>(location, options);
}

void check_clickhouse(std::string_view location, const SinkOptions& /*options*/) {
    ClickHouseServer(location).connect();
}

}  // namespace hepcap::sink
