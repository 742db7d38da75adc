#include "sink/postgres_partitions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "sink/embedded_sql.hpp"
#include "sink/table_sql.hpp"

namespace hepcap::sink {
namespace {

using namespace std::chrono;

// The same for all loaders: they take turns.
constexpr std::string_view making_lock = "SELECT pg_advisory_xact_lock(1212501072)";

constexpr std::string_view describe_partitions = R"(
SELECT to_char((bounds)[1]::timestamptz, 'YYYY-MM-DD HH24:MI:SS.US'),
       to_char((bounds)[2]::timestamptz, 'YYYY-MM-DD HH24:MI:SS.US'), expression = 'DEFAULT'
  FROM (SELECT regexp_match(expression, 'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)') AS bounds, expression
          FROM (SELECT pg_get_expr(c.relpartbound, c.oid) AS expression
                  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = to_regclass($1) AND c.relispartition) p) q)";

int number_at(std::string_view text, std::size_t at, std::size_t size) {
    int number = 0;
    if (at + size <= text.size()) std::from_chars(text.data() + at, text.data() + at + size, number);
    return number;
}

sys_seconds hour_of(std::string_view time) {
    const year_month_day date{year{number_at(time, 0, 4)},
                              month{static_cast<unsigned>(number_at(time, 5, 2))},
                              day{static_cast<unsigned>(number_at(time, 8, 2))}};
    return sys_days{date} + hours{number_at(time, 11, 2)};
}

std::string text_of(sys_seconds moment) {
    const sys_days whole = floor<days>(moment);
    const year_month_day date{whole};
    return fmt::format("{:04}-{:02}-{:02} {:02}:00:00.000000", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       duration_cast<hours>(moment - whole).count());
}

// "20250615_1400" for 2025-06-15 14:00:00.000000
std::string digits_of(std::string_view time) {
    return std::string(time.substr(0, 4))
        .append(time.substr(5, 2))
        .append(time.substr(8, 2))
        .append("_")
        .append(time.substr(11, 2))
        .append(time.substr(14, 2));
}

std::string_view index_file(std::string_view table) {
    if (table.starts_with("hep_proto_1_")) return "postgres/homer7_partition_sip.sql";
    if (table.starts_with("hep_proto_54_")) return "postgres/homer7_partition_isup.sql";
    return "postgres/homer7_partition.sql";
}

}  // namespace

int partition_hours(std::string_view table) {
    const bool is_dense = table.starts_with("hep_proto_1_") || table.starts_with("hep_proto_100_");
    return is_dense ? 2 : 6;
}

TimeRange partition_range(std::string_view time, int count) {
    const sys_seconds hour = hour_of(time);
    const sys_days midnight = floor<days>(hour);
    const auto since = duration_cast<hours>(hour - midnight).count();
    const sys_seconds begin = midnight + hours{since / count * count};
    return {text_of(begin), text_of(begin + hours{count})};
}

PostgresPartitions::PostgresPartitions(PostgresConnection& connection, std::string table)
    : connection_(connection), table_(std::move(table)) {
    read();
}

void PostgresPartitions::read() {
    const PostgresResult found = connection_.query(std::string(describe_partitions), {quoted_name(table_)});
    ends_.clear();
    for (int row = 0; row < PQntuples(found.get()); ++row) {
        takes_all_ = takes_all_ || *PQgetvalue(found.get(), row, 2) == 't';
        // One without a bound on a side is not ours to read: it stands for all that it may take.
        if (PQgetisnull(found.get(), row, 0) != 0) {
            takes_all_ = true;
        } else {
            ends_.emplace(PQgetvalue(found.get(), row, 0), PQgetvalue(found.get(), row, 1));
        }
    }
}

bool PostgresPartitions::covers(std::string_view time) const {
    if (takes_all_) return true;
    const auto next = ends_.upper_bound(time);
    return next != ends_.begin() && time < std::string_view(std::prev(next)->second);
}

// Attached, not made as a part from the start: that would wait until nobody reads the table, and keep
// everybody from it meanwhile.
void PostgresPartitions::make(std::string_view time) {
    connection_.execute(std::string("BEGIN; ").append(making_lock));
    read();
    if (!covers(time)) {
        TimeRange range = partition_range(time, partition_hours(table_));
        const auto next = ends_.upper_bound(time);
        if (next != ends_.end()) range.end = std::min(range.end, next->first);
        if (next != ends_.begin()) range.begin = std::max(range.begin, std::prev(next)->second);
        const std::string partition = table_ + "_" + digits_of(range.begin);
        std::string sql = "CREATE TABLE " + quoted_name(partition) + " (LIKE " + quoted_name(table_) +
                          " INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE); ";
        for (const IndexSql& index : parse_table_sql(embedded_sql(index_file(table_)), partition).indexes)
            sql += index.sql + "; ";
        sql += "ALTER TABLE " + quoted_name(table_) + " ATTACH PARTITION " + quoted_name(partition) +
               " FOR VALUES FROM ('" + range.begin + "+00') TO ('" + range.end + "+00')";
        connection_.execute(sql);
        ends_.emplace(std::move(range.begin), std::move(range.end));
    }
    connection_.execute("COMMIT");
}

void PostgresPartitions::make_ahead(std::string_view time) {
    const auto now = floor<seconds>(system_clock::now());
    const auto hour = hour_of(time);
    if (hour < now - days{1} || hour > now + days{1}) return;
    const std::string end = text_of(floor<days>(now) + days{2});
    std::string at(time);
    while (at < end && !takes_all_) {
        if (!covers(at)) make(at);
        at = std::prev(ends_.upper_bound(at))->second;
    }
}

}  // namespace hepcap::sink
