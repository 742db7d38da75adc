// Rows of one table on their way to ClickHouse: one INSERT, which the server stores as a whole, as far as the
// rows are of one day.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sink/backend.hpp"
#include "sink/clickhouse_table.hpp"

namespace hepcap::sink {

using ClickHouseTablePtr = std::shared_ptr<const ClickHouseTable>;

class ClickHouseBlock {
public:
    struct Stored {
        std::uint64_t inserted = 0;
        std::uint64_t already_there = 0;
    };

    // `siblings` are other tables that may hold the same rows.
    ClickHouseBlock(ClickHouseTablePtr table, std::vector<ClickHouseTablePtr> siblings)
        : table_(std::move(table)), siblings_(std::move(siblings)), changed_(table_->columns.size()) {}

    const ClickHouseTable& table() const { return *table_; }
    bool has_siblings(std::span<const ClickHouseTablePtr> siblings) const;

    // Values that a column did not hold as they are, are counted under its name.
    void append(std::span<const Value> row, std::vector<NamedCount>& cut);

    std::size_t octets() const { return rows_.size() + keys_.size(); }

    // Inserts the rows but those that are there, in the table, its siblings or the block itself.
    Stored store(ClickHouseServer& server) const;

private:
    struct Row {
        std::size_t end = 0;      // in rows_
        std::size_t key_end = 0;  // in keys_
        std::int64_t micro_ts = 0;
    };
    class Search;

    std::string_view key(std::size_t i) const;
    std::string kept(std::span<const std::uint8_t> left_out) const;

    ClickHouseTablePtr table_;
    std::vector<ClickHouseTablePtr> siblings_;
    std::string rows_;
    std::string keys_;
    std::vector<Row> ends_;
    std::vector<std::uint8_t> changed_;  // by column of the table, within append()
};

}  // namespace hepcap::sink
