#include "sink/clickhouse_block.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "base/error.hpp"

namespace hepcap::sink {
namespace {

// Rows asked for by name in one question.
constexpr std::size_t chunk = 2'000;

// Position of micro_ts in each layout.
std::size_t micro_ts_of(Layout layout) {
    const std::span<const Column> all = columns(layout);
    return static_cast<std::size_t>(std::ranges::find(all, "micro_ts", &Column::name) - all.begin());
}

}  // namespace

// Finds out which rows of a block need not be stored.
class ClickHouseBlock::Search {
public:
    Search(const ClickHouseBlock& block, ClickHouseServer& server)
        : block_(block), server_(server), left_out_(block.ends_.size()), order_(block.ends_.size()) {
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        std::ranges::stable_sort(order_, {}, [&](std::size_t i) { return block_.ends_[i].micro_ts; });
        if (block_.table_->key.empty()) return;  // nothing tells its rows from each other
        by_key_.reserve(order_.size());
        for (std::size_t i = 0; i < block_.ends_.size(); ++i) {
            if (!by_key_.emplace(block_.key(i), i).second) leave_out(i);
        }
    }

    // The question is a short one where nothing was captured at the time of these rows, which the table's key
    // tells: so it is whenever records come for the first time.
    void look_in(const ClickHouseTable& table) {
        if (table.key.empty()) return;
        const std::string where = range(table, 0, order_.size());
        const std::uint64_t count = count_of(table, where);
        if (count == 0) return;
        const bool is_cheap = table.has_uid && count <= 4 * order_.size() + chunk;
        if (is_cheap) return take_keys(table, table.find_sql(where));
        for (std::size_t first = 0; first < order_.size(); first += chunk) {
            const std::size_t last = std::min(first + chunk, order_.size());
            take_keys(table, table.find_sql(range(table, first, last) + ids(table, first, last)));
        }
    }

    std::span<const std::uint8_t> left_out() const { return left_out_; }
    std::uint64_t count() const { return count_; }

private:
    void leave_out(std::size_t i) {
        count_ += left_out_[i] == 0 ? 1 : 0;
        left_out_[i] = 1;
    }

    std::string range(const ClickHouseTable& table, std::size_t first, std::size_t last) const {
        return table.where(block_.ends_[order_[first]].micro_ts, block_.ends_[order_[last - 1]].micro_ts);
    }

    std::uint64_t count_of(const ClickHouseTable& table, const std::string& where) {
        const std::string answer = server_.ask("SELECT count() FROM " + clickhouse_name(table.name) + " " +
                                               where + " FORMAT TabSeparated");
        std::uint64_t count = 0;
        std::from_chars(answer.data(), answer.data() + answer.size(), count);
        return count;
    }

    std::string ids(const ClickHouseTable& table, std::size_t first, std::size_t last) const {
        const std::string what = table.id_sql();
        if (what.empty()) return "";
        std::string list;
        for (std::size_t i = first; i < last; ++i) {
            std::string_view rest = block_.key(order_[i]);
            list += (list.empty() ? "" : ",") + clickhouse_literal(take_row_binary_text(rest).value_or(""));
        }
        return " AND " + what + " IN (" + list + ")";
    }

    void take_keys(const ClickHouseTable& table, const std::string& sql) {
        const std::string answer = server_.ask(sql + " FORMAT RowBinary");
        std::string_view rest = answer;
        while (!rest.empty()) {
            const std::string_view at = rest;
            for (std::size_t i = 0; i < table.key.size(); ++i) {
                if (!take_row_binary_text(rest))
                    throw Error("ClickHouse at " + server_.name() +
                                    " did not end an answer that it had begun; what was committed stays, try "
                                    "again later",
                                ExitCode::temporary);
            }
            const auto found = by_key_.find(at.substr(0, at.size() - rest.size()));
            if (found != by_key_.end()) leave_out(found->second);
        }
    }

    const ClickHouseBlock& block_;
    ClickHouseServer& server_;
    std::vector<std::uint8_t> left_out_;
    std::vector<std::size_t> order_;  // of the rows, by time
    std::unordered_map<std::string_view, std::size_t> by_key_;
    std::uint64_t count_ = 0;
};

bool ClickHouseBlock::has_siblings(std::span<const ClickHouseTablePtr> siblings) const {
    return std::ranges::equal(siblings_, siblings);
}

std::string_view ClickHouseBlock::key(std::size_t i) const {
    const std::size_t first = i == 0 ? 0 : ends_[i - 1].key_end;
    return std::string_view(keys_).substr(first, ends_[i].key_end - first);
}

void ClickHouseBlock::append(std::span<const Value> row, std::vector<NamedCount>& cut) {
    std::ranges::fill(changed_, std::uint8_t{0});
    table_->append_row(rows_, row, changed_);
    table_->append_key(keys_, row);
    const Value& micro_ts = row[micro_ts_of(table_->layout)];
    ends_.push_back({rows_.size(), keys_.size(),
                     micro_ts.type == Value::Type::integer ? micro_ts.integer : std::int64_t{0}});
    for (std::size_t i = 0; i < changed_.size(); ++i) {
        if (changed_[i] != 0) count(cut, table_->columns[i].name);
    }
}

std::string ClickHouseBlock::kept(std::span<const std::uint8_t> left_out) const {
    std::string rows;
    std::size_t first = 0;
    for (std::size_t i = 0; i < ends_.size(); ++i) {
        if (left_out[i] == 0) rows.append(rows_, first, ends_[i].end - first);
        first = ends_[i].end;
    }
    return rows;
}

ClickHouseBlock::Stored ClickHouseBlock::store(ClickHouseServer& server) const {
    if (ends_.empty()) return {};
    Search search(*this, server);
    search.look_in(*table_);
    for (const ClickHouseTablePtr& sibling : siblings_) {
        if (sibling->name != table_->name) search.look_in(*sibling);
    }
    const std::uint64_t inserted = ends_.size() - search.count();
    if (inserted == ends_.size()) {
        server.send(table_->insert_sql(), rows_);
    } else if (inserted > 0) {
        server.send(table_->insert_sql(), kept(search.left_out()));
    }
    return {inserted, search.count()};
}

}  // namespace hepcap::sink
