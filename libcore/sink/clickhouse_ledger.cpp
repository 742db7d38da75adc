#include "sink/clickhouse_ledger.hpp"

#include <string>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "sink/embedded_sql.hpp"
#include "sink/table_sql.hpp"

namespace hepcap::sink {
namespace {

constexpr std::string_view ledger = "hepcap_ledger";

bool is_there(ClickHouseServer& server) {
    return server.ask("EXISTS TABLE " + std::string(ledger) + " FORMAT TabSeparated").starts_with('1');
}

}  // namespace

bool is_in_ledger(ClickHouseServer& server, std::string_view input) {
    if (!is_there(server)) return false;
    const std::string found = server.ask("SELECT count() FROM " + std::string(ledger) + " WHERE input = " +
                                         clickhouse_literal(input) + " FORMAT TabSeparated");
    return !found.starts_with('0');
}

void make_ledger(ClickHouseServer& server, bool create) {
    if (is_there(server)) return;
    if (!create) {
        throw Error("database " + excerpt(server.database()) + " at " + server.name() +
                    " has no table 'hepcap_ledger'; let it be made with --create, or leave --ledger out");
    }
    server.ask(parse_table_sql(embedded_sql("clickhouse/ledger.sql"), ledger).create);
}

void add_to_ledger(ClickHouseServer& server, std::string_view input) {
    server.ask("INSERT INTO " + std::string(ledger) + " (input, finished) SELECT " +
               clickhouse_literal(input) + ", now()");
}

}  // namespace hepcap::sink
