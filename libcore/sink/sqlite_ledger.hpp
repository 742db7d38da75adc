// The ledger of finished inputs in an SQLite database: the table `hepcap_ledger`, a row an input.
#pragma once

#include <string_view>

#include "sink/sqlite_database.hpp"

namespace hepcap::sink {

class SqliteLedger {
public:
    // `database` must outlive the ledger.
    explicit SqliteLedger(SqliteDatabase& database) : database_(database) {}

    // False as well where there is no ledger yet.  Throws Error.
    bool holds(std::string_view input);

    // In the transaction that is open.  Throws Error where there is no ledger and none may be made.
    void add(std::string_view input, bool create);

private:
    bool is_there();

    SqliteDatabase& database_;
};

}  // namespace hepcap::sink
