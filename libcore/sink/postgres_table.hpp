// One table of a PostgreSQL database: made or found, filled by COPY.
//
// Rows gather as lines of COPY; a block of them is stored at once, in one of two ways.
//  - straight: COPY into the table, behind a savepoint.  Where a row is there already the server refuses
//    the block; then it goes the other way, and so do those behind it until one comes that is all new.
//  - through a temporary table that ends with the transaction, and from there those rows that are not there:
//    by the unique index over uid, or, in tables of others that have none, by time, Call-ID, addresses,
//    ports and payload.  Rows that may be in other tables too (siblings) always go this way.
// Both take a few turns with the server for a thousand rows, so a distant one costs little.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "sink/named_count.hpp"
#include "sink/postgres_connection.hpp"
#include "sink/postgres_rows.hpp"

namespace hepcap::sink {

// What a block of rows, or a transaction of them, adds to the counts.
struct PostgresCounts {
    std::uint64_t inserted = 0;
    std::uint64_t already_there = 0;
};

class PostgresTable {
public:
    // Finds the table, or makes it where it is missing and `create` is set; outside of any transaction.
    // `number` tells its temporary table from those of others.  Throws Error where it is missing and may not
    // be made, or none of its columns fits.
    PostgresTable(PostgresConnection& connection, std::string name, Layout layout, std::size_t number,
                  bool create, Log& log);

    const std::string& name() const { return name_; }
    Layout layout() const { return layout_; }
    bool is_partitioned() const { return is_partitioned_; }
    bool has_uid() const { return has_unique_uid_; }

    // Takes rows into the block.  `tally` has a place for each column of the layout.
    void add(const RowGroup& rows, PostgresTally& tally);
    // Another table that may hold the same records.
    void add_sibling(const PostgresTable& sibling);
    // Octets of the block.
    std::size_t size() const { return lines_.size(); }

    // Sends the block, in the transaction that is open; finish() waits for the server's answer, and must
    // come before anything else is said on the connection.
    void start();
    PostgresCounts finish();

private:
    void make();
    bool find_columns();
    void find_indexes(bool create, Log& log);
    std::vector<PostgresColumn> described_columns(const PGresult* described);
    std::string staging_sql() const;
    std::string straight_sql() const;
    std::string condition_of_new() const;
    bool has(std::string_view column) const;
    bool has_text_of_msg() const;

    PostgresConnection& connection_;
    std::string name_;
    std::string quoted_;
    Layout layout_;
    std::string staging_;  // name of the temporary table
    std::string columns_;  // as SQL lists them
    std::vector<std::string> keys_;
    PostgresRows rows_{{}, PostgresRows::none};
    bool is_partitioned_ = false;
    bool has_unique_uid_ = false;
    bool expects_known_rows_ = false;
    bool is_straight_ = false;                     // the way of the block on its way
    std::map<std::string, std::string> siblings_;  // and what tells that a row is there
    std::string lines_;
    std::uint64_t count_ = 0;
    std::string sent_;  // the block on its way
    std::uint64_t sent_count_ = 0;
};

}  // namespace hepcap::sink
