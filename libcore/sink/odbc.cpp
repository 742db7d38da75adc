// A batch is a transaction of the database.  Rows are asked for by their uid, hundreds in a question, and
// those that are not there are inserted in arrays of parameters.
//
// ODBC's texts are UTF-8 without NUL here: other octets become U+FFFD and are counted, and a payload's stand
// in msg_b64 as they were.
#include "sink/odbc.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "sink/embedded_sql.hpp"
#include "sink/odbc_connection.hpp"
#include "sink/odbc_table.hpp"
#include "sink/open_tables.hpp"
#include "sink/table_sql.hpp"

namespace hepcap::sink {
namespace {

// Names may follow the time, and times come from the input.
constexpr std::size_t max_open_tables = 64;
constexpr std::string_view ledger = "hepcap_ledger";

class OdbcBackend final : public Backend {
public:
    OdbcBackend(std::string_view location, const SinkOptions& options)
        : create_(options.create), connection_(odbc_connection_string(location)) {}

    void store(const RowGroup& rows) override;
    void commit() override;
    void settle() override { commit(); }
    void close() override { commit(); }
    bool is_finished(std::string_view input) override;
    void mark_finished(std::string_view input) override;
    std::vector<std::string> tables() override { return connection_.tables(); }
    void drop_table(std::string_view name) override;

private:
    OdbcTable& table_for(const std::string& name, Layout layout);
    void store_one_by_one(OdbcTable& table, const RowGroup& rows, std::vector<std::uint8_t>& left_out);
    std::vector<std::string> entries(std::string_view input);

    bool create_;
    OdbcConnection connection_;
    std::map<std::string, OdbcTable, std::less<>> tables_;
    SinkCounts batch_;
    OdbcRows::Count count_change_ = [this](OdbcRows::Change change, std::string_view column) {
        count(change == OdbcRows::Change::cut ? batch_.cut : batch_.replaced, column);
    };
};

// Opening a table ends the transaction: many databases do so by themselves when one is made.  The rows before
// are stored then, and asked for like any others if they come again.
OdbcTable& OdbcBackend::table_for(const std::string& name, Layout layout) {
    auto found = tables_.find(name);
    if (found == tables_.end()) {
        if (tables_.size() >= max_open_tables) tables_.clear();
        found = tables_.try_emplace(name, connection_, name, layout, create_).first;
    }
    require_layout(name, found->second.layout(), layout);
    return found->second;
}

void OdbcBackend::store(const RowGroup& rows) {
    std::vector<std::uint8_t> left_out(rows.size());
    for (const std::string& sibling : rows.siblings) {
        if (sibling != rows.table) table_for(sibling, rows.layout).find(rows, left_out);
    }
    OdbcTable& table = table_for(rows.table, rows.layout);
    if (table.has_uid()) {
        std::set<std::string_view> seen;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (!seen.insert(table.uid(rows.row(i))).second) left_out[i] = 1;
        }
        table.find(rows, left_out);
        table.insert(rows, left_out, count_change_);
    } else {
        store_one_by_one(table, rows, left_out);
    }
    const auto left = static_cast<std::uint64_t>(std::ranges::count(left_out, std::uint8_t{1}));
    batch_.already_there += left;
    batch_.inserted += rows.size() - left;
}

// Two rows of one group may be the same, which only the table can tell.
void OdbcBackend::store_one_by_one(OdbcTable& table, const RowGroup& rows,
                                   std::vector<std::uint8_t>& left_out) {
    std::vector<std::uint8_t> others(rows.size(), 1);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (left_out[i] != 0 || table.holds(rows.row(i))) {
            left_out[i] = 1;
            continue;
        }
        others[i] = 0;
        table.insert(rows, others, count_change_);
        others[i] = 1;
    }
}

void OdbcBackend::commit() {
    connection_.commit();
    add(counts_, std::exchange(batch_, {}));
}

// The names of inputs are hashes; whatever else one is, no quote ends the text before its end.
std::string literal(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
    return quoted + "'";
}

std::vector<std::string> OdbcBackend::entries(std::string_view input) {
    return connection_.ask("SELECT " + connection_.quoted("input") + " FROM " + connection_.quoted(ledger) +
                           " WHERE " + connection_.quoted("input") + " = " + literal(input));
}

bool OdbcBackend::is_finished(std::string_view input) {
    return !connection_.tables(ledger).empty() && !entries(input).empty();
}

void OdbcBackend::mark_finished(std::string_view input) {
    if (connection_.tables(ledger).empty()) {
        if (!create_) {
            throw Error(
                "the database behind ODBC has no table 'hepcap_ledger'; let it be made with --create, or "
                "leave --ledger out");
        }
        const TableSql sql = parse_table_sql(embedded_sql("odbc/ledger.sql"), ledger);
        connection_.execute(connection_.in_own_quotes(sql.create));
        for (const IndexSql& index : sql.indexes) connection_.execute(connection_.in_own_quotes(index.sql));
    }
    if (!entries(input).empty()) return;
    connection_.execute("INSERT INTO " + connection_.quoted(ledger) + " (" + connection_.quoted("input") +
                        ", " + connection_.quoted("finished") + ") VALUES (" + literal(input) +
                        ", CURRENT_TIMESTAMP)");
}

void OdbcBackend::drop_table(std::string_view name) {
    commit();
    tables_.clear();
    connection_.execute("DROP TABLE " + connection_.quoted(name));
    connection_.commit();
}

}  // namespace

std::unique_ptr<Backend> open_odbc(std::string_view location, const SinkOptions& options, Log& /*log*/) {
    return std::make_unique<OdbcBackend>(location, options);
}

void check_odbc(std::string_view location, const SinkOptions& /*options*/) {
    const OdbcConnection connection(odbc_connection_string(location));
}

}  // namespace hepcap::sink
