#include "sink/postgres_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include "base/ascii.hpp"

namespace hepcap::sink {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view unique_violation = "23505";

// From then on a partition is attached without keeping readers away, and a key may reach over partitions.
constexpr int oldest_server = 120'000;

bool is_upper_or_digit(char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); }

// What can be done, by the error's class or code; the first that fits.
struct WayOut {
    std::string_view code;  // the beginning of the SQLSTATE
    std::string_view advice;
};
constexpr std::array ways_out{
    WayOut{"28P01", "correct the password in the URL, in ~/.pgpass or in PGPASSWORD"},
    WayOut{"28", "the server's pg_hba.conf and its roles say who may connect"},
    WayOut{"3D000", "make it with: createdb -E UTF8 -T template0, and its name"},
    WayOut{"3F000", "make the schema, or set another search_path"},
    WayOut{"42501", "hepcap-load(1) lists the rights that it needs, under PostgreSQL"},
    WayOut{"25006", "a standby takes no rows; name the primary, or add ?target_session_attrs=read-write"},
    WayOut{"53100", "free some space"},
    WayOut{"53300", "close some connections, or raise max_connections"},
    WayOut{"42P01", "somebody has dropped it meanwhile"},
    WayOut{"40P01", "another loader fills the same tables"},
    WayOut{"55P03", "somebody holds a lock for long: see pg_stat_activity"},
};

std::string_view advice_for(std::string_view sqlstate) {
    const auto* const found =
        std::ranges::find_if(ways_out, [&](const WayOut& way) { return sqlstate.starts_with(way.code); });
    return found == ways_out.end() ? std::string_view() : found->advice;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    return text;
}

}  // namespace

ExitCode exit_code_of(std::string_view sqlstate) {
    // 57P04: the database was dropped.  XX001, XX002: it is damaged.
    constexpr std::array<std::string_view, 3> lasting{"57P04", "XX001", "XX002"};
    // Connections, transactions that were in each other's way, resources, operator intervention, the
    // system; read-only, locks, and what others do to a table: it is looked at anew.
    constexpr std::array<std::string_view, 13> passing{
        "08", "40", "53", "57", "58", "XX000", "25006", "25P03", "55P03", "55006", "42P01", "42703", "26000"};
    const auto begins = [&](std::string_view code) { return sqlstate.starts_with(code); };
    if (std::ranges::any_of(lasting, begins)) return ExitCode::data_error;
    // The connection broke: libpq has no code for that.
    if (sqlstate.empty() || std::ranges::any_of(passing, begins)) return ExitCode::temporary;
    return ExitCode::data_error;
}

// "connection to server at "db" (192.0.2.1), port 5432 failed: FATAL:  28P01: password authentication ...".
// The word before the code is in the server's language.
ConnectFailure read_connect_failure(std::string_view message) {
    ConnectFailure failure;
    for (std::size_t at = message.find(":  "); at != std::string_view::npos;
         at = message.find(":  ", at + 3)) {
        const std::string_view code = message.substr(at + 3, 5);
        if (code.size() == 5 && std::ranges::all_of(code, is_upper_or_digit) &&
            message.substr(at + 8, 2) == ": ") {
            failure.sqlstate = code;
            const std::string_view text = message.substr(at + 10);
            failure.cause = trimmed(text.substr(0, text.find('\n')));
        }
    }
    // It may name several addresses that were tried, a line each; those that begin with a tab only guess.
    while (failure.sqlstate.empty() && !message.empty()) {
        const std::string_view line = message.substr(0, message.find('\n'));
        message.remove_prefix(std::min(line.size() + 1, message.size()));
        if (line.empty() || line.starts_with('\t')) continue;
        failure.cause.append(failure.cause.empty() ? "" : "; ").append(line);
    }
    return failure;
}

void refuse_unclear_url(std::string_view location) {
    constexpr std::string_view form = "; write postgresql://user:password@host:port/database";
    if (!location.starts_with("//"))
        throw Error("the database URL postgresql: has no // before its host" + std::string(form),
                    ExitCode::usage);
    location = location.substr(
        2, location.find('?') == std::string_view::npos ? location.npos : location.find('?') - 2);
    const std::size_t at = location.find('@');
    if (at == std::string_view::npos) return;
    const bool is_behind_slash = location.find('/') < at;
    if (is_behind_slash || location.find('@', at + 1) != std::string_view::npos) {
        throw Error(
            "the database URL postgresql: has a / or an @ where only a password can hold one; write %2F "
            "for / and %40 for @" +
                std::string(form),
            ExitCode::usage);
    }
}

PostgresConnection::PostgresConnection(std::string_view location, milliseconds busy_timeout) {
    refuse_unclear_url(location);
    connect("postgresql:" + std::string(location));
    set_silence();
    prepare_session(busy_timeout);
}

// What stands before the URL yields to it, what stands behind does not.
void PostgresConnection::connect(const std::string& url) {
    constexpr std::array keywords{"fallback_application_name",
                                  "connect_timeout",
                                  "keepalives_idle",
                                  "keepalives_interval",
                                  "keepalives_count",
                                  "tcp_user_timeout",
                                  "dbname",
                                  "client_encoding",
                                  static_cast<const char*>(nullptr)};
    const std::array values{"hepcap-load", "10",   "30",
                            "10",          "3",    "60000",
                            url.c_str(),   "UTF8", static_cast<const char*>(nullptr)};
    static_assert(keywords.size() == 9);
    // libpq shows the whole URL where it cannot read it: its message is not for us.
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> read(
        PQconninfoParse(url.c_str(), nullptr), PQconninfoFree);
    if (!read) {
        throw Error(
            "the database URL postgresql: cannot be read: a parameter that libpq does not know, or a "
            "character "
            "that must be written as %XX; write postgresql://user:password@host:port/database",
            ExitCode::usage);
    }
    connection_.reset(PQconnectStartParams(keywords.data(), values.data(), 1));
    if (!connection_) throw Error("cannot connect to PostgreSQL: out of memory", ExitCode::temporary);
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    // With the code in it; libpq has no other way to tell a wrong password from a server that starts.
    PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);
    wait_until_connected();
    PQsetErrorVerbosity(connection_.get(), PQERRORS_DEFAULT);
    const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
    const std::string host = text(PQhost(connection_.get()));
    name_ = "database '" + text(PQdb(connection_.get())) + "' at " + (host.empty() ? "localhost" : host) +
            ":" + text(PQport(connection_.get()));
}

// libpq itself would wait for ever in this, its only way of connecting that lets the verbosity be set before.
void PostgresConnection::wait_until_connected() {
    PGconn* const connection = connection_.get();
    if (PQstatus(connection) == CONNECTION_BAD) fail_to_connect();
    int seconds = 10;
    int hosts = 1;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfo(connection),
                                                                               PQconninfoFree);
    for (const PQconninfoOption* o = options.get(); o != nullptr && o->keyword != nullptr; ++o) {
        if (o->val == nullptr) continue;
        const std::string_view keyword = o->keyword;
        const std::string_view value = o->val;
        if (keyword == "connect_timeout") std::from_chars(value.data(), value.data() + value.size(), seconds);
        if (keyword == "host") hosts += static_cast<int>(std::ranges::count(value, ','));
    }
    const bool is_limited = seconds > 0;
    const auto deadline = steady_clock::now() + std::chrono::seconds(std::int64_t{seconds} * hosts);
    auto state = PGRES_POLLING_WRITING;
    while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
        if (is_limited && left <= 0) {
            throw Error("cannot connect to PostgreSQL: no answer within " + std::to_string(seconds) +
                            " s; try again, or set connect_timeout in the URL",
                        ExitCode::temporary);
        }
        pollfd ready{PQsocket(connection),
                     static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
        if (poll(&ready, 1, is_limited ? static_cast<int>(std::min<std::int64_t>(left, 60'000)) : -1) <= 0)
            continue;
        state = PQconnectPoll(connection);
    }
    if (state != PGRES_POLLING_OK) fail_to_connect();
}

void PostgresConnection::fail_to_connect() {
    const ConnectFailure failure = read_connect_failure(PQerrorMessage(connection_.get()));
    const std::string_view advice = advice_for(failure.sqlstate);
    const ExitCode code = exit_code_of(failure.sqlstate);
    std::string sentence = "cannot connect to PostgreSQL: " + failure.cause;
    if (!advice.empty()) {
        sentence.append("; ").append(advice);
    } else if (code == ExitCode::temporary) {
        sentence += "; is the server running?";
    }
    throw Error(sentence, code);
}

void PostgresConnection::prepare_session(milliseconds busy_timeout) {
    if (server_version() < oldest_server) {
        throw Error(name_ + " is older than PostgreSQL 12, the first that hepcap-load fills");
    }
    const char* const encoding = PQparameterStatus(connection_.get(), "server_encoding");
    const std::string_view known = encoding == nullptr ? "UTF8" : encoding;
    if (known != "UTF8" && known != "SQL_ASCII") {
        throw Error(name_ + " has the encoding " + std::string(known) +
                    ", which cannot hold every text; make one with: createdb -E UTF8 -T template0");
    }
    // jit: the settings of PostgresTable make a statement look expensive, and compiling it would take half a
    // second for each block.
    execute(
        "SET jit = off; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET client_min_messages = warning; "
        "SET standard_conforming_strings = on");
    // Unless the URL or the server says how long.
    query("SELECT set_config('lock_timeout', $1, false) WHERE current_setting('lock_timeout') = '0'",
          {std::to_string(busy_timeout.count())});
}

// As the kernel bears the silence of the machine.
void PostgresConnection::set_silence() {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfo(connection_.get()),
                                                                               PQconninfoFree);
    for (const PQconninfoOption* o = options.get(); o != nullptr && o->keyword != nullptr; ++o) {
        if (o->val == nullptr || std::string_view(o->keyword) != "tcp_user_timeout") continue;
        const std::string_view value = o->val;
        std::int64_t ms = 0;
        std::from_chars(value.data(), value.data() + value.size(), ms);
        silence_ = milliseconds(std::max<std::int64_t>(ms, 0));
    }
    PQsetnonblocking(connection_.get(), 1);
}

// Nothing comes for as long as is borne: the server is away.
void PostgresConnection::wait_for_server(short events) {
    const auto deadline = steady_clock::now() + silence_;
    pollfd ready{PQsocket(connection_.get()), events, 0};
    while (true) {
        constexpr std::int64_t longest_poll = 60'000;
        const auto left = silence_.count() == 0
                              ? longest_poll
                              : std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
        if (left <= 0) {
            throw Error("cannot store in " + name_ + ": it says nothing for " +
                            std::to_string(silence_.count() / 1000) +
                            " s; try again when it answers, or set tcp_user_timeout in the URL; " +
                            what_is_stored(),
                        ExitCode::temporary);
        }
        if (poll(&ready, 1, static_cast<int>(std::min(left, longest_poll))) > 0) return;
    }
}

// What libpq holds back goes out.
void PostgresConnection::flush_out() {
    while (const int unsent = PQflush(connection_.get())) {
        if (unsent < 0) fail();
        wait_for_server(POLLIN | POLLOUT);
        if (PQconsumeInput(connection_.get()) != 1) fail();
    }
}

// As PQgetResult(); of a connection that broke it tells what the server said last.
PostgresResult PostgresConnection::next_result() {
    PGconn* const connection = connection_.get();
    while (true) {
        const int unsent = PQflush(connection);
        if (unsent < 0 || (unsent == 0 && PQisBusy(connection) == 0)) break;
        wait_for_server(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
        if (PQconsumeInput(connection) != 1) break;
    }
    return PostgresResult(PQgetResult(connection));
}

// The last result of what was sent.
PostgresResult PostgresConnection::answer(int is_sent) {
    if (is_sent != 1) fail();
    PostgresResult last;
    const auto is_copy = [&] {  // which nobody has asked for, and which does not end
        const ExecStatusType status = PQresultStatus(last.get());
        return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
    };
    while (!is_copy()) {
        PostgresResult next = next_result();
        if (!next) break;
        last = std::move(next);
    }
    const ExecStatusType status = PQresultStatus(last.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        fail(last.get());
    return last;
}

PostgresResult PostgresConnection::execute(const std::string& sql, Patience patience) {
    const milliseconds as_set = silence_;
    if (patience == Patience::for_ever) silence_ = milliseconds(0);
    PostgresResult result = answer(PQsendQuery(connection_.get(), sql.c_str()));
    silence_ = as_set;
    return result;
}

PostgresResult PostgresConnection::query(const std::string& sql, const std::vector<std::string>& parameters) {
    std::vector<const char*> values;
    for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
    return answer(PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                    values.data(), nullptr, nullptr, 0));
}

void PostgresConnection::start_copy(const std::string& sql, std::string_view data) {
    PGconn* const connection = connection_.get();
    if (PQsendQuery(connection, sql.c_str()) != 1) fail();
    while (true) {
        const PostgresResult result = next_result();
        if (!result) throw Error("the statement '" + sql.substr(0, 60) + "' copies nothing");
        if (PQresultStatus(result.get()) == PGRES_COPY_IN) break;
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) fail(result.get());
    }
    // Pieces of a size that the socket takes: libpq would keep a copy of the whole.
    constexpr std::size_t piece = std::size_t{64} * 1024;
    while (!data.empty()) {
        const std::string_view now = data.substr(0, piece);
        if (PQputCopyData(connection, now.data(), static_cast<int>(now.size())) != 1) fail();
        flush_out();
        data.remove_prefix(now.size());
    }
    if (PQputCopyEnd(connection, nullptr) != 1) fail();
    flush_out();
}

bool PostgresConnection::finish_copy(std::vector<std::uint64_t>& changed) {
    changed.clear();
    bool is_unique = true;
    while (const PostgresResult result = next_result()) {
        if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) {
            const std::string_view count = PQcmdTuples(result.get());
            std::uint64_t rows = 0;
            std::from_chars(count.data(), count.data() + count.size(), rows);
            changed.push_back(rows);
            continue;
        }
        const char* const sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        if (sqlstate == nullptr || sqlstate != unique_violation) fail(result.get());
        is_unique = false;
    }
    if (PQstatus(connection_.get()) != CONNECTION_OK) fail();
    return is_unique;
}

std::string PostgresConnection::what_is_stored() const {
    return std::to_string(stored_) +
           " rows of this load are stored; load the same input again to complete it, nothing is stored twice";
}

// The detail of a message may hold the values of a row, so it stays where it is.
void PostgresConnection::fail(const PGresult* result) {
    const auto field = [&](int which) {
        const char* const text = result == nullptr ? nullptr : PQresultErrorField(result, which);
        return std::string(text == nullptr ? "" : text);
    };
    const std::string sqlstate = field(PG_DIAG_SQLSTATE);
    std::string cause = field(PG_DIAG_MESSAGE_PRIMARY);
    if (cause.empty()) cause = PQerrorMessage(connection_.get());
    // The lines behind the first are libpq's guesses.
    cause = trimmed(cause.substr(0, cause.find('\n')));
    const std::string where =
        field(PG_DIAG_COLUMN_NAME).empty() ? "" : " (column " + field(PG_DIAG_COLUMN_NAME) + ")";
    const std::string_view advice = advice_for(sqlstate);
    const ExitCode code = exit_code_of(sqlstate);
    std::string sentence = "cannot store in " + name_ + ": " + cause + where;
    if (!advice.empty()) sentence.append("; ").append(advice);
    if (code == ExitCode::temporary) sentence += "; " + what_is_stored();
    throw Error(sentence, code);
}

}  // namespace hepcap::sink
