// The ledger of finished inputs in ClickHouse, the table hepcap_ledger.
#pragma once

#include <string_view>

#include "sink/clickhouse_server.hpp"

namespace hepcap::sink {

bool is_in_ledger(ClickHouseServer& server, std::string_view input);

// Makes the table where it is missing.  Throws Error unless `create` is set.
void make_ledger(ClickHouseServer& server, bool create);

void add_to_ledger(ClickHouseServer& server, std::string_view input);

}  // namespace hepcap::sink
