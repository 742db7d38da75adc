#include "sink/clickhouse_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "sink/embedded_sql.hpp"
#include "sink/table_sql.hpp"

namespace hepcap::sink {
namespace {

constexpr std::string_view uid_column = "uid";

// What tells rows from each other in tables without uid.
constexpr std::array<std::string_view, 8> foreign_key{
    "callid",      "correlation_id", "micro_ts",         "source_ip",
    "source_port", "destination_ip", "destination_port", "msg",
};

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

struct TableColumn {
    std::string name;
    std::string type;
};

// What can be inserted into: columns that are computed are not.
std::vector<TableColumn> columns_of(ClickHouseServer& server, std::string_view table) {
    const std::string answer =
        server.ask("SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = " +
                   clickhouse_literal(table) +
                   " AND default_kind NOT IN ('MATERIALIZED', 'ALIAS', 'EPHEMERAL') FORMAT RowBinary");
    std::vector<TableColumn> columns;
    std::string_view rest = answer;
    while (!rest.empty()) {
        const std::optional<std::string_view> name = take_row_binary_text(rest);
        const std::optional<std::string_view> type = take_row_binary_text(rest);
        if (!name || !type) throw Error("what answers at " + server.name() + " is no ClickHouse");
        columns.push_back({std::string(*name), std::string(*type)});
    }
    return columns;
}

bool exists(ClickHouseServer& server, std::string_view name) {
    return server.ask("EXISTS TABLE " + clickhouse_name(name) + " FORMAT TabSeparated").starts_with('1');
}

void check_name(std::string_view name) {
    const auto is_odd = [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' '; };
    if (name.empty() || std::ranges::any_of(name, is_odd))
        throw Error("no table can be named " + excerpt(name) + "; choose another name", ExitCode::usage);
}

void match_columns(ClickHouseTable& table, const std::vector<TableColumn>& there, const std::string& where) {
    const std::span<const Column> wanted = columns(table.layout);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto found = std::ranges::find(there, wanted[i].name, &TableColumn::name);
        if (found == there.end()) continue;
        const std::optional<ClickHouseType> type = parse_clickhouse_type(found->type);
        if (!type) {
            throw Error("column " + excerpt(found->name) + " of table " + where + " has the type " +
                        excerpt(found->type) + ", which hepcap-load does not fill; make it String");
        }
        table.columns.push_back({i, wanted[i].name, *type});
        if (wanted[i].name == "micro_ts")
            table.has_micro_ts = type->kind == ClickHouseType::Kind::signed_integer;
        if (wanted[i].name == "date") table.has_date = type->kind == ClickHouseType::Kind::date_time;
    }
    if (table.columns.empty()) {
        throw Error("table " + where +
                    " has none of the columns that are to be stored; name another with --table");
    }
}

void find_key(ClickHouseTable& table) {
    const auto number = [&](std::string_view name) {
        return static_cast<std::size_t>(
            std::ranges::find(table.columns, name, &ClickHouseTable::Column::name) - table.columns.begin());
    };
    if (const std::size_t uid = number(uid_column); uid < table.columns.size()) {
        table.has_uid = true;
        table.key = {uid};
        return;
    }
    for (const std::string_view name : foreign_key) {
        if (const std::size_t found = number(name); found < table.columns.size()) table.key.push_back(found);
    }
}

}  // namespace

std::string clickhouse_name(std::string_view name) {
    return "\"" + replaced(replaced(std::string(name), "\\", "\\\\"), "\"", "\\\"") + "\"";
}

std::vector<std::string> clickhouse_create_sql(std::string_view file, std::string_view name,
                                               std::string_view database, std::string_view cluster,
                                               bool has_low_cardinality) {
    const std::string local = std::string(name) + (cluster.empty() ? "" : "_local");
    std::string create = parse_table_sql(file, local).create;
    if (!has_low_cardinality) {
        create = replaced(std::move(create), "LowCardinality(Nullable(String))", "Nullable(String)");
        create = replaced(std::move(create), "LowCardinality(String)", "String");
    }
    if (cluster.empty()) return {std::move(create)};
    // {shard} and {replica} are macros of each server.  Its shard is chosen by what the rows of a call share,
    // so that the same row always lands where it can be merged with itself.
    const std::string on_cluster = " ON CLUSTER " + clickhouse_literal(cluster);
    const std::string path = "/clickhouse/tables/{shard}/" + std::string(database) + "/" + local;
    create.replace(create.find(" (\n"), 1, on_cluster + " ");
    create = replaced(std::move(create), "ENGINE = ReplacingMergeTree",
                      "ENGINE = ReplicatedReplacingMergeTree(" + clickhouse_literal(path) + ", '{replica}')");
    const bool has_callid = create.find("\n    callid ") != std::string::npos;
    return {std::move(create), "CREATE TABLE IF NOT EXISTS " + clickhouse_name(name) + on_cluster + " AS " +
                                   clickhouse_name(local) + " ENGINE = Distributed(" +
                                   clickhouse_literal(cluster) + ", " + clickhouse_literal(database) + ", " +
                                   clickhouse_literal(local) + ", cityHash64(" +
                                   (has_callid ? "callid" : "correlation_id") + "))"};
}

std::shared_ptr<const ClickHouseTable> open_clickhouse_table(ClickHouseServer& server, std::string_view name,
                                                             Layout layout, bool create,
                                                             std::string_view cluster) {
    check_name(name);
    const std::string where = excerpt(name) + " at " + server.name();
    if (!exists(server, name)) {
        if (!create) {
            throw Error("database " + excerpt(server.database()) + " at " + server.name() + " has no table " +
                        excerpt(name) + "; let it be made with --create");
        }
        const std::string_view file = embedded_sql("clickhouse/" + std::string(sql_file(layout)));
        for (const std::string& sql :
             clickhouse_create_sql(file, name, server.database(), cluster, server.has_low_cardinality())) {
            server.ask(sql);
        }
    }
    auto table = std::make_shared<ClickHouseTable>();
    table->name = name;
    table->layout = layout;
    match_columns(*table, columns_of(server, name), where);
    find_key(*table);
    return table;
}

std::string ClickHouseTable::insert_sql() const {
    std::string names;
    for (const Column& column : columns) names.append(names.empty() ? "" : ",").append(column.name);
    return "INSERT INTO " + clickhouse_name(name) + " (" + names + ") FORMAT RowBinary";
}

std::string ClickHouseTable::where(std::int64_t first_us, std::int64_t last_us) const {
    constexpr std::int64_t micros = 1'000'000;
    std::string condition;
    if (has_micro_ts) {
        condition = "micro_ts >= " + std::to_string(first_us) + " AND micro_ts <= " + std::to_string(last_us);
    }
    // The key of the tables made here begins with the minute of the date, which micro_ts alone does not tell.
    if (has_date) {
        const auto second = [](std::int64_t us) {
            return "toDateTime(" + std::to_string(std::clamp<std::int64_t>(us / micros, 0, 0xFFFF'FFFF)) +
                   ")";
        };
        condition += (condition.empty() ? "" : " AND ") + ("date >= " + second(first_us)) +
                     " AND date <= " + second(last_us);
    }
    return condition.empty() ? "WHERE 1" : "WHERE " + condition;
}

std::string ClickHouseTable::find_sql(std::string_view where) const {
    std::string keys;
    for (const std::size_t i : key) {
        keys += keys.empty() ? "" : ", ";
        keys.append("ifNull(toString(").append(columns[i].name).append("), '')");
    }
    return "SELECT " + keys + " FROM " + clickhouse_name(name) + " " + std::string(where);
}

std::string ClickHouseTable::id_sql() const {
    const std::string_view column = columns[key[id]].name;
    const bool tells = column == uid_column || column == "callid" || column == "correlation_id";
    return tells ? "ifNull(toString(" + std::string(column) + "), '')" : "";
}

void ClickHouseTable::append_row(std::string& out, std::span<const Value> row,
                                 std::vector<std::uint8_t>& changed) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!append_row_binary(out, columns[i].type, row[columns[i].column], null_absent())) changed[i] = 1;
    }
}

void ClickHouseTable::append_key(std::string& out, std::span<const Value> row) const {
    for (const std::size_t i : key) {
        const Value& value = row[columns[i].column];
        const ClickHouseType& type = columns[i].type;
        const bool is_number =
            type.kind != ClickHouseType::Kind::string && type.kind != ClickHouseType::Kind::fixed_string;
        std::array<char, 24> digits{};
        std::string_view text;
        if (value.is_textual()) text = value.text();
        if (value.type == Value::Type::integer) {
            const auto [end, error] =
                std::to_chars(digits.data(), digits.data() + digits.size(), value.integer);
            text = {digits.data(), static_cast<std::size_t>(end - digits.data())};
        }
        const bool is_null = type.is_nullable && null_absent();
        if (value.type == Value::Type::absent && is_number && !is_null) text = "0";
        if (type.kind == ClickHouseType::Kind::fixed_string) text = text.substr(0, type.size);
        append_varint(out, text.size());
        out += text;
    }
}

}  // namespace hepcap::sink
