// The ledger of finished inputs in ClickHouse, the table hepcap_ledger.
#pragma once

#include <string_view>

#include "sink/clickhouse_server.hpp"

namespace hepcap::sink {

bool is_in_ledger(ClickHouseServer& server, std::string_view input);

// The table is made where it is missing.
void add_to_ledger(ClickHouseServer& server, std::string_view input);

}  // namespace hepcap::sink
