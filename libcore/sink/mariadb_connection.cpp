#include "sink/mariadb_connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <new>

#include "sink/mariadb_error.hpp"

namespace hepcap::sink {
namespace {

void begin_library() {
    static std::once_flag once;
    std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
}

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

std::size_t number(const std::optional<std::string>& text) {
    std::size_t value = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

}  // namespace

MariadbConnection::MariadbConnection(const MariadbSettings& settings, Patience patience)
    : subject_(describe(settings)) {
    begin_library();
    handle_.reset(mysql_init(nullptr));
    if (!handle_) throw std::bad_alloc();
    set_options(settings, patience);
    const DatabaseUrl& url = settings.url;
    // For localhost the library takes its Unix socket, unless a port says that this is not meant.
    if (settings.socket.empty() && url.port != 0) {
        unsigned tcp = MYSQL_PROTOCOL_TCP;
        mysql_options(handle_.get(), MYSQL_OPT_PROTOCOL, &tcp);
    }
    if (mysql_real_connect(handle_.get(), or_null(url.host), or_null(url.user), url.password.c_str(),
                           url.database.c_str(), url.port, or_null(settings.socket), 0) == nullptr) {
        fail();
    }
    notice_dead_peer();
    configure(settings);
}

void MariadbConnection::set_options(const MariadbSettings& settings, Patience patience) {
    MYSQL* const handle = handle_.get();
    const unsigned never = 0;
    mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    // No server may ask for a file of ours.
    mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &never);
    mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &settings.connect_timeout);
    mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &settings.read_timeout);
    if (patience == Patience::as_set) mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &settings.read_timeout);
    mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "hepcap");
    if (!settings.tls_ca.empty()) mysql_options(handle, MYSQL_OPT_SSL_CA, settings.tls_ca.c_str());
    if (!settings.tls_certificate.empty())
        mysql_options(handle, MYSQL_OPT_SSL_CERT, settings.tls_certificate.c_str());
    if (!settings.tls_key.empty()) mysql_options(handle, MYSQL_OPT_SSL_KEY, settings.tls_key.c_str());
    using Tls = MariadbSettings::Tls;
    const my_bool must_encrypt = settings.tls == Tls::required || settings.tls == Tls::verified ? 1 : 0;
    const my_bool must_verify = settings.tls == Tls::verified ? 1 : 0;
    mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &must_encrypt);
    mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &must_verify);
}

// A machine that is switched off answers nothing, and a statement may take longer than any read timeout.
void MariadbConnection::notice_dead_peer() {
    constexpr int quiet_s = 20;
    constexpr int between_s = 10;
    constexpr int probes = 4;
    constexpr int unacknowledged_ms = 60'000;
    constexpr int on = 1;
    const auto socket = static_cast<int>(mysql_get_socket(handle_.get()));
    // On a Unix socket these fail, and need not be.
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &quiet_s, sizeof quiet_s);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &between_s, sizeof between_s);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}

void MariadbConnection::configure(const MariadbSettings& settings) {
    // A statement that waits for a lock must come back before the silence counts as a lost server.
    const std::string lock_wait = std::to_string(std::max(1U, settings.read_timeout / 2));
    execute(
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ANSI_QUOTES', time_zone = "
        "'+00:00', autocommit = 1, wait_timeout = 31536000, innodb_lock_wait_timeout = " +
        lock_wait + ", lock_wait_timeout = " + lock_wait);
    bool logs_statements = false;
    for (const auto& row :
         query("SHOW VARIABLES WHERE Variable_name IN ('max_allowed_packet', 'binlog_format')")) {
        if (row[0] == "max_allowed_packet") most_octets_ = std::max<std::size_t>(number(row[1]), 1024);
        if (row[0] == "binlog_format") logs_statements = row[1] == "STATEMENT";
    }
    // A transaction sees what others have committed, tables among it that were made since it began, and locks
    // no gaps between rows.  A server that logs statements allows nothing but its default.
    if (!logs_statements) execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    unsigned long capabilities = 0;
    has_bulk_ = settings.use_bulk &&
                mariadb_get_infov(handle_.get(), MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES,
                                  &capabilities) == 0 &&
                (capabilities & (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32U)) != 0;
}

void MariadbConnection::execute(std::string_view sql) {
    if (try_execute(sql) != 0) fail();
}

unsigned MariadbConnection::try_execute(std::string_view sql) {
    if (mysql_real_query(handle_.get(), sql.data(), sql.size()) != 0) return mysql_errno(handle_.get());
    if (MYSQL_RES* const result = mysql_store_result(handle_.get())) mysql_free_result(result);
    return 0;
}

MariadbConnection::Rows MariadbConnection::query(std::string_view sql) {
    if (mysql_real_query(handle_.get(), sql.data(), sql.size()) != 0) fail();
    const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> result(mysql_store_result(handle_.get()),
                                                                  mysql_free_result);
    if (!result) fail();
    Rows rows;
    const unsigned width = mysql_num_fields(result.get());
    while (MYSQL_ROW row = mysql_fetch_row(result.get())) {
        const unsigned long* const sizes = mysql_fetch_lengths(result.get());
        auto& values = rows.emplace_back(width);
        for (unsigned i = 0; i < width; ++i) {
            if (row[i] != nullptr) values[i] = std::string(row[i], sizes[i]);
        }
    }
    return rows;
}

MariadbStatement MariadbConnection::prepare(std::string_view sql) {
    MYSQL_STMT* const handle = mysql_stmt_init(handle_.get());
    if (handle == nullptr) throw std::bad_alloc();
    MariadbStatement statement(*this, handle);
    if (mysql_stmt_prepare(handle, sql.data(), sql.size()) != 0)
        throw mariadb_error(subject_, mysql_stmt_errno(handle), mysql_stmt_error(handle));
    return statement;
}

std::string MariadbConnection::literal(std::string_view text) {
    std::string escaped(text.size() * 2 + 1, '\0');
    escaped.resize(mysql_real_escape_string(handle_.get(), escaped.data(), text.data(), text.size()));
    return "'" + escaped + "'";
}

void MariadbConnection::fail() {
    throw mariadb_error(subject_, mysql_errno(handle_.get()), mysql_error(handle_.get()));
}

std::uint64_t MariadbStatement::execute(std::vector<MYSQL_BIND>& bindings, unsigned rows) {
    MYSQL_STMT* const handle = handle_.get();
    mysql_stmt_attr_set(handle, STMT_ATTR_ARRAY_SIZE, &rows);
    if (mysql_stmt_bind_param(handle, bindings.data()) != 0 || mysql_stmt_execute(handle) != 0) fail();
    return mysql_stmt_affected_rows(handle);
}

bool MariadbStatement::finds(std::vector<MYSQL_BIND>& bindings) {
    MYSQL_STMT* const handle = handle_.get();
    if (mysql_stmt_bind_param(handle, bindings.data()) != 0 || mysql_stmt_execute(handle) != 0 ||
        mysql_stmt_store_result(handle) != 0) {
        fail();
    }
    const bool found = mysql_stmt_num_rows(handle) > 0;
    mysql_stmt_free_result(handle);
    return found;
}

void MariadbStatement::fail() {
    throw mariadb_error(connection_->subject(), mysql_stmt_errno(handle_.get()),
                        mysql_stmt_error(handle_.get()));
}

}  // namespace hepcap::sink
