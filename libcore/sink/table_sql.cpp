#include "sink/table_sql.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace hepcap::sink {
namespace {

std::string replace_all(std::string_view text, std::string_view what, std::string_view with) {
    std::string result;
    while (true) {
        const std::size_t at = text.find(what);
        result += text.substr(0, at);
        if (at == std::string_view::npos) return result;
        result += with;
        text.remove_prefix(at + what.size());
    }
}

std::string doubled_quotes(std::string_view name) { return replace_all(name, "\"", "\"\""); }

// What stands before a statement: blank lines, and comments that speak of the file.
std::string_view skip_comments(std::string_view sql) {
    while (sql.starts_with('\n') || sql.starts_with("--")) {
        const std::size_t end = sql.find('\n');
        if (end == std::string_view::npos) return {};
        sql.remove_prefix(end + 1);
    }
    return sql;
}

// "{table}_uid_idx" out of: CREATE UNIQUE INDEX IF NOT EXISTS "{table}_uid_idx" ON ...
std::string_view first_quoted(std::string_view statement) {
    const std::size_t open = statement.find('"');
    const std::size_t close = statement.find('"', open + 1);
    if (open == std::string_view::npos || close == std::string_view::npos) return {};
    return statement.substr(open + 1, close - open - 1);
}

// "uid" out of: ... ON "{table}" (uid)
std::string_view last_in_parentheses(std::string_view statement) {
    const std::size_t open = statement.rfind('(');
    const std::size_t close = statement.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
    return statement.substr(open + 1, close - open - 1);
}

}  // namespace

TableSql parse_table_sql(std::string_view file, std::string_view table) {
    constexpr std::string_view placeholder = "{table}";
    const std::string quoted = doubled_quotes(table);
    TableSql result;
    for (std::string_view rest = skip_comments(file); !rest.empty(); rest = skip_comments(rest)) {
        std::size_t end = rest.find(";\n");
        if (end == std::string_view::npos) end = rest.size();
        const std::string_view statement = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 2, rest.size()));
        std::string sql = replace_all(statement, placeholder, quoted);
        if (statement.starts_with("CREATE TABLE")) {
            result.create = std::move(sql);
        } else {
            result.indexes.push_back({.name = replace_all(first_quoted(statement), placeholder, table),
                                      .column = std::string(last_in_parentheses(statement)),
                                      .sql = std::move(sql),
                                      .is_unique = statement.starts_with("CREATE UNIQUE")});
        }
    }
    return result;
}

std::string quoted_name(std::string_view name) { return "\"" + doubled_quotes(name) + "\""; }

}  // namespace hepcap::sink
