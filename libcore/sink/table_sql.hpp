// A schema file (sql/<dialect>/<layout>.sql) taken apart: one statement that makes the table, and the
// statements that make its indexes, each with the index's name.
//
// In the files {table} stands for the table's name, inside the double quotes of an identifier; a
// statement ends with a semicolon at the end of a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hepcap::sink {

struct IndexSql {
    std::string name;
    std::string column;  // each index is over one
    std::string sql;
    bool is_unique = false;
};

struct TableSql {
    std::string create;
    std::vector<IndexSql> indexes;  // in the file's order; the one over uid is the last
};

// `file` is the content of a schema file, `table` any name: quotes in it are doubled.
TableSql parse_table_sql(std::string_view file, std::string_view table);

// The name in double quotes, as SQL has it.
std::string quoted_name(std::string_view name);

}  // namespace hepcap::sink
