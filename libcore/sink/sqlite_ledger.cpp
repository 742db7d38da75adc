#include "sink/sqlite_ledger.hpp"

#include "base/error.hpp"

namespace hepcap::sink {
namespace {

// The time is for people: when a file was loaded.
constexpr const char* make_table =
    "CREATE TABLE IF NOT EXISTS hepcap_ledger ("
    "input varchar(64) PRIMARY KEY, "
    "finished datetime NOT NULL DEFAULT CURRENT_TIMESTAMP) WITHOUT ROWID";

void bind_input(const SqliteStatement& statement, std::string_view input) {
    sqlite3_bind_text64(statement.get(), 1, input.data(), input.size(), SQLITE_STATIC, SQLITE_UTF8);
}

}  // namespace

bool SqliteLedger::is_there() {
    return database_.query_integer(
               "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'hepcap_ledger'") > 0;
}

bool SqliteLedger::holds(std::string_view input) {
    if (!is_there()) return false;
    const SqliteStatement find = database_.prepare("SELECT 1 FROM hepcap_ledger WHERE input = ?1");
    bind_input(find, input);
    return database_.step(find.get());
}

void SqliteLedger::add(std::string_view input, bool create) {
    if (create) {
        database_.execute(make_table);
    } else if (!is_there()) {
        throw Error("database '" + database_.path() +
                    "' has no table 'hepcap_ledger'; let it be made with --create, or leave --ledger out");
    }
    const SqliteStatement add = database_.prepare("INSERT OR IGNORE INTO hepcap_ledger (input) VALUES (?1)");
    bind_input(add, input);
    database_.step(add.get());
}

}  // namespace hepcap::sink
