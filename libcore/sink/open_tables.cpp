#include "sink/open_tables.hpp"

#include "base/error.hpp"
#include "base/excerpt.hpp"

namespace hepcap::sink {

void require_layout(std::string_view table, Layout of_table, Layout of_rows) {
    if (of_table == of_rows) return;
    constexpr std::size_t longest_name = 200;
    throw Error("table " + excerpt(table, longest_name) +
                    " cannot hold both SIP messages and reports; name different tables",
                ExitCode::usage);
}

}  // namespace hepcap::sink
