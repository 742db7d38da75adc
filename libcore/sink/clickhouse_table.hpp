// One table of a ClickHouse server: made or found, and how rows are put into it and looked for in it.
//
// There are no unique keys, so rows that are there already have to be looked for before a block is inserted.
// A row is known by its uid, in tables without that column by time, Call-ID, addresses, ports and payload.
// Such a key is written as RowBinary, in which the server tells those that it has.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sink/clickhouse_server.hpp"
#include "sink/clickhouse_type.hpp"
#include "sink/columns.hpp"

namespace hepcap::sink {

struct ClickHouseTable {
    // A column that both the layout and the table have.
    struct Column {
        std::size_t column;  // of the layout
        std::string_view name;
        ClickHouseType type;
    };

    std::string name;
    Layout layout{};
    std::vector<Column> columns;
    std::vector<std::size_t> key;  // those of columns that tell rows from each other
    std::size_t id = 0;            // the one of the key that few rows share: uid, callid or correlation_id
    bool has_uid = false;
    bool has_micro_ts = false;
    bool has_date = false;

    bool null_absent() const { return layout == Layout::record; }

    // Without the rows, which come behind it in RowBinary.
    std::string insert_sql() const;

    // "WHERE ..." for rows captured in that time, bounds included, in microseconds since 1970.
    std::string where(std::int64_t first_us, std::int64_t last_us) const;

    // What answers with the keys of rows.
    std::string find_sql(std::string_view where) const;

    // The expression to compare with literals of the key's part `id`; nothing to compare where that is empty.
    std::string id_sql() const;

    void append_row(std::string& out, std::span<const Value> row, std::vector<std::uint8_t>& changed) const;
    void append_key(std::string& out, std::span<const Value> row) const;
};

// Finds the table, or makes it where `create` is set: on the servers of `cluster` as a Distributed table over
// replicated ones named NAME_local, unless that is empty.  Throws Error where the table is missing and may
// not be made, or is none that rows of the layout fit in.
std::shared_ptr<const ClickHouseTable> open_clickhouse_table(ClickHouseServer& server, std::string_view name,
                                                             Layout layout, bool create,
                                                             std::string_view cluster);

// The statements that make the table.
std::vector<std::string> clickhouse_create_sql(std::string_view file, std::string_view name,
                                               std::string_view database, std::string_view cluster,
                                               bool has_low_cardinality);

// A name in quotes.
std::string clickhouse_name(std::string_view name);

}  // namespace hepcap::sink
