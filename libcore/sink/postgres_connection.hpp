// A connection to a PostgreSQL server, closed with the scope; only the postgres_* files and postgres.cpp
// include this, because it shows libpq-fe.h.
//
// Every call that can fail throws Error with a sentence: the database, the cause, the way out; temporary
// where it may heal (by SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html).  After
// that the connection is of no use any more.
//
// A server that is gone without a word is found out by the kernel: keepalives and tcp_user_timeout are set
// unless the URL sets them.  One whose machine lives and which says nothing to a statement for as long as
// tcp_user_timeout is given up here; libpq itself would wait for ever, so nothing of it that waits is used.
// A lock that others hold is waited for as long as the busy timeout.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hepcap::sink {

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, ClearResult>;

// Whether what failed with that SQLSTATE may work later, and how the tool ends.
ExitCode exit_code_of(std::string_view sqlstate);

// What libpq says of a connection that did not come about: its SQLSTATE, if the server sent one, and a
// sentence without the places in the server's source that the wordy form has.
struct ConnectFailure {
    std::string sqlstate;
    std::string cause;
};
ConnectFailure read_connect_failure(std::string_view message);

// Throws Error (usage) where libpq would take a piece of the password for a host or a database, whose names
// its messages show.  `location` is what stands behind the scheme and its colon.
void refuse_unclear_url(std::string_view location);

class PostgresConnection {
public:
    // `location` as in open_postgres().
    PostgresConnection(std::string_view location, std::chrono::milliseconds busy_timeout);

    enum class Patience : std::uint8_t { as_set, for_ever };

    // Runs statements that return no rows; the answer is the last one's.
    PostgresResult execute(const std::string& sql, Patience patience = Patience::as_set);

    // Runs one statement; $1 and so on in it stand for the texts.
    PostgresResult query(const std::string& sql, const std::vector<std::string>& parameters = {});

    // Runs statements of which one is COPY ... FROM STDIN, and sends it `data`.  `finish_copy` waits for
    // the answers, and returns how many rows each statement changed; nothing, where one of them broke a
    // uniqueness: the transaction must be rolled back to a savepoint then.
    void start_copy(const std::string& sql, std::string_view data);
    bool finish_copy(std::vector<std::uint64_t>& changed);

    // Rows of this load that are committed: what the message of a failure tells.
    void set_stored(std::uint64_t rows) { stored_ = rows; }

    // "database 'calls' at db.example.net:5432"
    const std::string& name() const { return name_; }
    int server_version() const { return PQserverVersion(connection_.get()); }

    void close() { connection_.reset(); }

private:
    struct Finish {
        void operator()(PGconn* connection) const { PQfinish(connection); }
    };

    void connect(const std::string& url);
    void wait_until_connected();
    void prepare_session(std::chrono::milliseconds busy_timeout);
    void set_silence();
    void wait_for_server(short events);
    void flush_out();
    PostgresResult next_result();
    PostgresResult answer(int is_sent);
    std::string what_is_stored() const;
    [[noreturn]] void fail(const PGresult* result = nullptr);
    [[noreturn]] void fail_to_connect();

    std::unique_ptr<PGconn, Finish> connection_;
    std::string name_;
    std::chrono::milliseconds silence_{0};  // that is borne; 0: any
    std::uint64_t stored_ = 0;
};

}  // namespace hepcap::sink
