#include "sink/odbc_connection.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "sink/database_url.hpp"

namespace hepcap::sink {
namespace {

constexpr std::size_t shown_of_message = 300;

// A value as it stands in a connection string.
std::string in_braces(std::string_view value) {
    if (value.find_first_of("{};=") == std::string_view::npos) return std::string(value);
    std::string result = "{";
    for (const char c : value) result.append(c == '}' ? 2 : 1, c);
    return result + "}";
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), to_lower);
    return result;
}

// The values of PWD and Password in a connection string: no message may show them.
std::vector<std::string> secrets_in(std::string_view rest) {
    std::vector<std::string> secrets;
    while (!rest.empty()) {
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos) break;
        const std::string key = lower(rest.substr(0, equals));
        rest.remove_prefix(equals + 1);
        const std::size_t close = rest.starts_with('{') ? rest.find('}') : 0;
        const std::size_t end =
            std::min(rest.find(';', close == std::string_view::npos ? 0 : close), rest.size());
        std::string_view value = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (key.find("pwd") == std::string::npos && key.find("pass") == std::string::npos) continue;
        if (!value.empty()) secrets.emplace_back(value);
        if (value.starts_with('{') && value.ends_with('}') && value.size() > 2)
            secrets.emplace_back(value.substr(1, value.size() - 2));
    }
    return secrets;
}

// Classes and states that may heal.
constexpr std::array<std::string_view, 12> temporary_states{
    "08",     // connection exception
    "40",     // transaction rollback: deadlock, serialization failure
    "53",     // insufficient resources: disk full, out of memory, too many connections
    "57P0",   // shutdown, crash, start-up
    "58",     // system error: input and output
    "55P03",  // lock not available
    "25006",  // read-only transaction: a standby, or a server told to write nothing
    "HYT",    // timeout
    "HY001",  // memory
    "42S02",  // no such table: tables are looked at before they are filled, so it was dropped meanwhile
    "42P01",
    "23505",  // another load has stored the row meanwhile: the next try will find it
};

struct NativeCode {
    std::string_view dbms;
    SQLINTEGER number;
};

// What drivers tell by number only.
constexpr std::array temporary_numbers{
    NativeCode{"SQLite", 5},     NativeCode{"SQLite", 6},    // SQLITE_BUSY, SQLITE_LOCKED
    NativeCode{"SQLite", 8},     NativeCode{"SQLite", 10},   // SQLITE_READONLY, SQLITE_IOERR
    NativeCode{"SQLite", 13},    NativeCode{"SQLite", 14},   // SQLITE_FULL, SQLITE_CANTOPEN
    NativeCode{"SQLite", 17},    NativeCode{"SQLite", 19},   // SQLITE_SCHEMA, SQLITE_CONSTRAINT
    NativeCode{"MySQL", 1205},   NativeCode{"MySQL", 1213},  // lock wait timeout, deadlock
    NativeCode{"MySQL", 2002},   NativeCode{"MySQL", 2003},  // no server
    NativeCode{"MySQL", 2006},   NativeCode{"MySQL", 2013},  // server gone, connection lost
    NativeCode{"MySQL", 1053},   NativeCode{"MySQL", 1290},  // shutdown, read-only
    NativeCode{"MySQL", 1040},   NativeCode{"MySQL", 1114},  // too many connections, table full
    NativeCode{"MariaDB", 1205}, NativeCode{"MariaDB", 1213}, NativeCode{"MariaDB", 2002},
    NativeCode{"MariaDB", 2003}, NativeCode{"MariaDB", 2006}, NativeCode{"MariaDB", 2013},
    NativeCode{"MariaDB", 1053}, NativeCode{"MariaDB", 1290}, NativeCode{"MariaDB", 1040},
    NativeCode{"MariaDB", 1114},
};

// Drivers that tell a refused log-in or an unknown database as a failed connection say in words which it was.
constexpr std::array<std::string_view, 7> lasting_words{
    "authentication failed",          "no pg_hba.conf entry", "does not exist",
    "no password supplied",           "access denied",        "unknown database",
    "permission denied for database",
};

struct Diagnosis {
    std::string state;
    SQLINTEGER number = 0;
    std::string message;
};

Diagnosis diagnosis(SQLSMALLINT kind, SQLHANDLE handle) {
    Diagnosis found;
    std::array<SQLCHAR, 6> state{};
    std::array<SQLCHAR, 1024> message{};
    SQLSMALLINT size = 0;
    if (SQL_SUCCEEDED(SQLGetDiagRec(kind, handle, 1, state.data(), &found.number, message.data(),
                                    static_cast<SQLSMALLINT>(message.size()), &size))) {
        found.state = reinterpret_cast<const char*>(state.data());
        found.message = reinterpret_cast<const char*>(message.data());
        std::ranges::replace(found.message, '\n', ' ');
    }
    return found;
}

std::string info(SQLHDBC connection, SQLUSMALLINT what) {
    std::array<SQLCHAR, 256> text{};
    SQLSMALLINT size = 0;
    SQLGetInfo(connection, what, text.data(), static_cast<SQLSMALLINT>(text.size()), &size);
    return reinterpret_cast<const char*>(text.data());
}

// The text of the current row's column, from 1.
std::string text_of(SQLHSTMT statement, SQLUSMALLINT column) {
    std::string text;
    std::array<char, 1024> piece{};
    SQLLEN size = 0;
    while (SQL_SUCCEEDED(SQLGetData(statement, column, SQL_C_CHAR, piece.data(), piece.size(), &size))) {
        if (size == SQL_NULL_DATA) break;
        const bool is_last = size != SQL_NO_TOTAL && size < static_cast<SQLLEN>(piece.size());
        text.append(piece.data(), is_last ? static_cast<std::size_t>(size) : piece.size() - 1);
        if (is_last) break;
    }
    return text;
}

}  // namespace

SQLCHAR* odbc_text(std::string_view text) {
    return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.data()));
}

std::string odbc_connection_string(std::string_view location) {
    if (location.empty()) {
        throw Error("the database URL odbc: names no data source; write odbc:DSN=NAME", ExitCode::usage);
    }
    if (!location.starts_with("//")) return std::string(location);
    const DatabaseUrl url = parse_database_url("odbc", location);
    if (url.database.empty()) {
        throw Error("the database URL odbc: names no data source; write odbc://user:password@localhost/DSN",
                    ExitCode::usage);
    }
    std::string text = "DSN=" + in_braces(url.database);
    if (!url.user.empty()) text += ";UID=" + in_braces(url.user);
    if (!url.password.empty()) text += ";PWD=" + in_braces(url.password);
    return text;
}

OdbcStatement::OdbcStatement(SQLHDBC connection) {
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, connection, &handle_)))
        throw Error("the ODBC connection is lost; try again", ExitCode::temporary);
}

OdbcStatement::~OdbcStatement() { SQLFreeHandle(SQL_HANDLE_STMT, handle_); }

OdbcConnection::OdbcConnection(const std::string& connection_string)
    : secrets_(secrets_in(connection_string)) {
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_)))
        throw std::bad_alloc();
    SQLSetEnvAttr(environment_, SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
    try {
        check(SQLAllocHandle(SQL_HANDLE_DBC, environment_, &connection_), SQL_HANDLE_ENV, environment_);
        constexpr SQLULEN login_timeout_s = 10;
        SQLSetConnectAttr(connection_, SQL_ATTR_LOGIN_TIMEOUT, reinterpret_cast<SQLPOINTER>(login_timeout_s),
                          0);
        SQLSMALLINT size = 0;
        std::array<SQLCHAR, 1024> completed{};
        check(SQLDriverConnect(connection_, nullptr, odbc_text(connection_string),
                               static_cast<SQLSMALLINT>(connection_string.size()), completed.data(),
                               static_cast<SQLSMALLINT>(completed.size()), &size, SQL_DRIVER_NOPROMPT),
              SQL_HANDLE_DBC, connection_);
        is_connected_ = true;
        dbms_ = info(connection_, SQL_DBMS_NAME);
        quote_ = info(connection_, SQL_IDENTIFIER_QUOTE_CHAR);
        if (quote_ == " ") quote_.clear();  // ODBC's word for a database that quotes nothing
        check(SQLSetConnectAttr(connection_, SQL_ATTR_AUTOCOMMIT,
                                reinterpret_cast<SQLPOINTER>(std::uintptr_t{SQL_AUTOCOMMIT_OFF}), 0),
              SQL_HANDLE_DBC, connection_);
    } catch (...) {
        free();
        throw;
    }
}

OdbcConnection::~OdbcConnection() { free(); }

void OdbcConnection::free() {
    if (is_connected_) {
        SQLEndTran(SQL_HANDLE_DBC, connection_, SQL_ROLLBACK);
        SQLDisconnect(connection_);
    }
    if (connection_ != SQL_NULL_HDBC) SQLFreeHandle(SQL_HANDLE_DBC, connection_);
    SQLFreeHandle(SQL_HANDLE_ENV, environment_);
}

void OdbcConnection::check(SQLRETURN code, SQLSMALLINT kind, SQLHANDLE handle) const {
    if (!SQL_SUCCEEDED(code) && code != SQL_NO_DATA) refuse(kind, handle);
}

std::string OdbcConnection::masked(std::string text) const {
    for (const std::string& secret : secrets_) {
        for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
            text.replace(at, secret.size(), "***");
    }
    return text;
}

bool OdbcConnection::is_temporary(std::string_view state, SQLINTEGER number) const {
    const auto begins = [&](std::string_view known) { return state.starts_with(known); };
    if (std::ranges::any_of(temporary_states, begins)) return true;
    const auto is_this = [&](const NativeCode& code) { return dbms_ == code.dbms && number == code.number; };
    if (std::ranges::any_of(temporary_numbers, is_this)) return true;
    if (!is_connected_) return false;
    SQLUINTEGER is_dead = SQL_CD_FALSE;
    SQLGetConnectAttr(connection_, SQL_ATTR_CONNECTION_DEAD, &is_dead, 0, nullptr);
    return is_dead == SQL_CD_TRUE;
}

void OdbcConnection::refuse(SQLSMALLINT kind, SQLHANDLE handle) const {
    const Diagnosis found = diagnosis(kind, handle);
    const std::string words = excerpt(masked(found.message), shown_of_message) + " (SQLSTATE " +
                              excerpt(found.state) + ", " + std::to_string(found.number) + ")";
    if (found.state == "IM002" || found.state == "IM003" || found.state == "01000") {
        throw Error("ODBC has no such data source or driver: " + words +
                        "; see odbc.ini and odbcinst.ini, or name "
                        "the driver: odbc:Driver=NAME;...",
                    ExitCode::usage);
    }
    const std::string message = lower(found.message);
    const bool is_lasting = !is_connected_ && std::ranges::any_of(lasting_words, [&](std::string_view known) {
        return message.find(known) != std::string::npos;
    });
    if (!is_lasting && is_temporary(found.state, found.number)) {
        throw Error("the database behind ODBC cannot do it now: " + words +
                        "; what was committed stays, try again later",
                    ExitCode::temporary);
    }
    throw Error("the database behind ODBC refuses: " + words);
}

void OdbcConnection::execute(const std::string& sql) {
    const OdbcStatement statement(connection_);
    check(SQLExecDirect(statement.get(), odbc_text(sql), static_cast<SQLINTEGER>(sql.size())), statement);
}

void OdbcConnection::commit() {
    check(SQLEndTran(SQL_HANDLE_DBC, connection_, SQL_COMMIT), SQL_HANDLE_DBC, connection_);
}

std::vector<std::string> OdbcConnection::ask(const std::string& sql) {
    const OdbcStatement statement(connection_);
    check(SQLExecDirect(statement.get(), odbc_text(sql), static_cast<SQLINTEGER>(sql.size())), statement);
    std::vector<std::string> answer;
    while (true) {
        const SQLRETURN code = SQLFetch(statement.get());
        if (code == SQL_NO_DATA) return answer;
        check(code, statement);
        answer.push_back(text_of(statement.get(), 1));
    }
}

std::string OdbcConnection::quoted(std::string_view name) const {
    std::string result = quote_;
    for (const char c : name) result.append(std::string_view(&c, 1) == quote_ ? 2 : 1, c);
    return result + quote_;
}

std::string OdbcConnection::in_own_quotes(std::string sql) const {
    if (quote_ == "\"") return sql;
    std::string result;
    for (const char c : sql) result += c == '"' ? quote_ : std::string(1, c);
    return result;
}

std::vector<std::string> OdbcConnection::tables(std::string_view like) const {
    // % and _ stand for others in the name that is asked for; what is not meant is left out below.
    const OdbcStatement statement(connection_);
    const std::string all = "%";
    const std::string name = like.empty() ? all : std::string(like);
    check(SQLTables(statement.get(), nullptr, 0, nullptr, 0, odbc_text(name),
                    static_cast<SQLSMALLINT>(name.size()), nullptr, 0),
          statement);
    std::vector<std::string> names;
    constexpr SQLUSMALLINT table_name = 3;
    constexpr SQLUSMALLINT table_type = 4;
    while (SQL_SUCCEEDED(SQLFetch(statement.get()))) {
        std::string found = text_of(statement.get(), table_name);
        const std::string type = text_of(statement.get(), table_type);
        if ((like.empty() || found == like) && type.find("TABLE") != std::string::npos &&
            type.find("SYSTEM") == std::string::npos) {
            names.push_back(std::move(found));
        }
    }
    return names;
}

}  // namespace hepcap::sink
