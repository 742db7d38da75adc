// The files of Kamailio's module db_text: a directory is a database, a file a table (modules/db_text/README
// and dbt_file.c).
//
//     id(int,auto) date(time) callid(str,null) uid(str,null)        the columns: name(type) or
//     name(type,attribute) 1:1428400000:call\:1@192.0.2.1:00000000000000a1               a row, fields in
//     their order
//
// Types: int, double, time (seconds since 1970), and str, string or blob, which are one.  A text has \n \r \t
// \0 \\ and \: for what would end it; with those it may hold any octets, NUL included.  An empty field is
// NULL.  Whatever is not so makes Kamailio refuse the whole file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sink/column_rule.hpp"
#include "sink/columns.hpp"

namespace hepcap::sink {

struct DbtextColumn {
    enum class Type : std::uint8_t { integer, real, time, text };

    std::string name;
    Type type = Type::text;
    bool may_be_null = false;
    bool is_auto = false;
};

// The columns of a first line, without its line end; empty where it is none.
std::vector<DbtextColumn> parse_dbtext_header(std::string_view line);

// The first line, with its line end, of a table that hepcap makes: id, the columns of the layout.
std::string dbtext_header(Layout layout);

// Splits a row, without its line end, into its fields as they stand there; views of `line`.
void split_dbtext_row(std::string_view line, std::vector<std::string_view>& fields);

// Appends the field for `value`, which the column has to hold.  A text of more than `longest` octets is
// cut, at a character where it is UTF-8; false if anything was lost, also where the type has no room for the
// value.
bool append_dbtext_field(std::string& row, const DbtextColumn& column, const Value& value,
                         ColumnRule::Absent absent, std::size_t longest);

}  // namespace hepcap::sink
