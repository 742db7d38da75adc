#include "sink/clickhouse_ledger.hpp"

#include <string>

#include "sink/embedded_sql.hpp"
#include "sink/table_sql.hpp"

namespace hepcap::sink {
namespace {

constexpr std::string_view ledger = "hepcap_ledger";

}  // namespace

bool is_in_ledger(ClickHouseServer& server, std::string_view input) {
    const std::string name(ledger);
    if (!server.ask("EXISTS TABLE " + name + " FORMAT TabSeparated").starts_with('1')) return false;
    const std::string found =
        server.ask("SELECT count() FROM " + name + " WHERE input = " + clickhouse_literal(input) +
                   " FORMAT TabSeparated");
    return !found.starts_with('0');
}

void add_to_ledger(ClickHouseServer& server, std::string_view input) {
    server.ask(parse_table_sql(embedded_sql("clickhouse/ledger.sql"), ledger).create);
    server.ask("INSERT INTO " + std::string(ledger) + " (input, finished) SELECT " +
               clickhouse_literal(input) + ", now()");
}

}  // namespace hepcap::sink
