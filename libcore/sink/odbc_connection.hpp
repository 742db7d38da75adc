// A connection to a database behind ODBC: statements in SQL, and what went wrong as Error.
//
// ODBC tells causes by SQLSTATE, five characters of which the first two are a class (ISO/IEC 9075, and what
// PostgreSQL has of its own).  Drivers that tell all of them as HY000, as SQLite's does, are known by name
// and asked for the database's own number.
#pragma once

#include <sql.h>
#include <sqlext.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hepcap::sink {

// What follows "odbc:" or "unixodbc:" as a connection string: it is one, or "//user:password@host/dsn", of
// which Kamailio's db_unixodbc takes user, password and dsn.  Throws Error with ExitCode::usage.
std::string odbc_connection_string(std::string_view location);

class OdbcStatement {
public:
    explicit OdbcStatement(SQLHDBC connection);
    ~OdbcStatement();
    OdbcStatement(const OdbcStatement&) = delete;
    OdbcStatement& operator=(const OdbcStatement&) = delete;

    SQLHSTMT get() const { return handle_; }

private:
    SQLHSTMT handle_ = SQL_NULL_HSTMT;
};

class OdbcConnection {
public:
    // Connects; statements are in a transaction until commit().  Throws Error; no message shows a password.
    explicit OdbcConnection(const std::string& connection_string);
    ~OdbcConnection();
    OdbcConnection(const OdbcConnection&) = delete;
    OdbcConnection& operator=(const OdbcConnection&) = delete;

    SQLHDBC handle() const { return connection_; }
    std::unique_ptr<OdbcStatement> statement() const { return std::make_unique<OdbcStatement>(connection_); }

    void execute(const std::string& sql);
    void commit();

    // The texts of the answer's first column.
    std::vector<std::string> ask(const std::string& sql);

    // The name in the quotes of this database.
    std::string quoted(std::string_view name) const;

    // `sql` with double quotes, turned into those of this database.
    std::string in_own_quotes(std::string sql) const;

    // The names of the database's tables; only of those named `like`, unless that is empty.
    std::vector<std::string> tables(std::string_view like = {}) const;

    bool is_postgres() const { return dbms_ == "PostgreSQL"; }

    // Throws unless `code` is a success.  SQL_NO_DATA is one: nothing was changed.
    void check(SQLRETURN code, SQLSMALLINT kind, SQLHANDLE handle) const;
    void check(SQLRETURN code, const OdbcStatement& statement) const {
        check(code, SQL_HANDLE_STMT, statement.get());
    }

private:
    [[noreturn]] void refuse(SQLSMALLINT kind, SQLHANDLE handle) const;
    bool is_temporary(std::string_view state, SQLINTEGER number) const;
    std::string masked(std::string text) const;
    void free();

    std::vector<std::string> secrets_;
    std::string dbms_;
    std::string quote_;
    SQLHENV environment_ = SQL_NULL_HENV;
    SQLHDBC connection_ = SQL_NULL_HDBC;
    bool is_connected_ = false;
};

// A text for ODBC's functions, which take what they do not change as if they did.
SQLCHAR* odbc_text(std::string_view text);

}  // namespace hepcap::sink
