// A connection to a server of MariaDB or MySQL: text is UTF-8, times are UTC, names stand in double quotes,
// and the server refuses what it would have to change.
//
// It may be used by several threads, one at a time.  Nobody waits for ever: a server that is silent for
// `read_timeout` seconds counts as lost, and one whose machine is gone is noticed by TCP within a minute.
#pragma once

#include <mysql.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sink/mariadb_settings.hpp"

namespace hepcap::sink {

class MariadbStatement;

class MariadbConnection {
public:
    // Small answers, NULL as nothing.
    using Rows = std::vector<std::vector<std::optional<std::string>>>;

    // How long the server may work on a statement before it sends anything.
    enum class Patience : std::uint8_t { as_set, endless };

    // Throws Error, with ExitCode::temporary where the server may come back.
    explicit MariadbConnection(const MariadbSettings& settings, Patience patience = Patience::as_set);

    void execute(std::string_view sql);
    // The number of the error that it failed with, 0 where all is well.
    unsigned try_execute(std::string_view sql);
    Rows query(std::string_view sql);
    MariadbStatement prepare(std::string_view sql);

    // Rows that the last statement of execute() added or removed.
    std::uint64_t affected() { return mysql_affected_rows(handle_.get()); }

    // A text as SQL has it, quotes included.  It must not be binary.
    std::string literal(std::string_view text);

    // Whether a statement can be run for many rows at once: servers of MySQL cannot.
    bool has_bulk() const { return has_bulk_; }

    // Octets that one packet may have; a row must fit in it.
    std::size_t most_octets() const { return most_octets_; }

    const std::string& subject() const { return subject_; }

    // Throws what the last call failed with.
    [[noreturn]] void fail();

private:
    void set_options(const MariadbSettings& settings, Patience patience);
    void notice_dead_peer();
    void configure(const MariadbSettings& settings);

    struct Close {
        void operator()(MYSQL* handle) const { mysql_close(handle); }
    };
    std::string subject_;
    std::unique_ptr<MYSQL, Close> handle_;
    bool has_bulk_ = false;
    std::size_t most_octets_ = std::size_t{1} << 20;
};

class MariadbStatement {
public:
    MariadbStatement() = default;
    // `connection` must outlive it.
    MariadbStatement(MariadbConnection& connection, MYSQL_STMT* handle)
        : connection_(&connection), handle_(handle) {}

    explicit operator bool() const { return handle_ != nullptr; }
    void reset() { handle_.reset(); }

    // Runs it for `rows` rows at once, whose values the bindings have as arrays; for 0 the bindings have the
    // values of a single one.  The values must stay until it returns.  Returns the rows that it added.
    std::uint64_t execute(std::vector<MYSQL_BIND>& bindings, unsigned rows);

    // Runs it for one row; whether it answers with any.
    bool finds(std::vector<MYSQL_BIND>& bindings);

private:
    [[noreturn]] void fail();

    struct Close {
        void operator()(MYSQL_STMT* handle) const { mysql_stmt_close(handle); }
    };
    MariadbConnection* connection_ = nullptr;
    std::unique_ptr<MYSQL_STMT, Close> handle_;
};

}  // namespace hepcap::sink
