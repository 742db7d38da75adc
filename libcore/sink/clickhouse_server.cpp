#include "sink/clickhouse_server.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <new>
#include <utility>

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "base/excerpt.hpp"

namespace hepcap::sink {
namespace {

constexpr std::size_t most_answer = std::size_t{64} << 20U;
constexpr std::size_t shown_of_answer = 300;
constexpr long connect_timeout_s = 10;
constexpr long silence_timeout_s = 300;  // an INSERT may wait for merges that long
// Of all requests once the user wants an end: less than service managers wait before they kill.
constexpr std::chrono::seconds longest_ending{30};

struct Answer {
    std::string text;
    bool is_too_long = false;
};

std::size_t take(char* data, std::size_t size, std::size_t count, void* to) {
    auto& answer = *static_cast<Answer*>(to);
    answer.is_too_long = answer.text.size() + size * count > most_answer;
    if (answer.is_too_long) return 0;
    answer.text.append(data, size * count);
    return size * count;
}

bool is_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }

// Everything but letters, digits and these four as %XX (RFC 3986, 2.3).
std::string percent(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        if (is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            result += c;
        } else {
            const auto octet = static_cast<unsigned char>(c);
            result += '%';
            result += digits[octet >> 4U];
            result += digits[octet & 15U];
        }
    }
    return result;
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    constexpr int window_of_gzip = 15 + 16;
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_of_gzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string result(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    deflate(&stream, Z_FINISH);
    result.resize(stream.total_out);
    deflateEnd(&stream);
    return result;
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// Causes that may heal, by the number in "Code: 210, e.displayText() = ..."; dbms/src/Common/ErrorCodes.cpp.
constexpr std::array temporary_codes{
    3,    // UNEXPECTED_END_OF_FILE: the connection broke within the rows
    60,   // UNKNOWN_TABLE: tables are looked at before they are filled, so it was dropped meanwhile
    74,   // CANNOT_READ_FROM_FILE_DESCRIPTOR
    75,   // CANNOT_WRITE_TO_FILE_DESCRIPTOR: the disk is full
    76,   // CANNOT_OPEN_FILE
    77,   // CANNOT_CLOSE_FILE
    87,   // CANNOT_SEEK_THROUGH_FILE
    88,   // CANNOT_TRUNCATE_FILE
    95,   // CANNOT_READ_FROM_SOCKET
    96,   // CANNOT_WRITE_TO_SOCKET
    159,  // TIMEOUT_EXCEEDED
    160,  // TOO_SLOW
    173,  // CANNOT_ALLOCATE_MEMORY
    201,  // QUOTA_EXPIRED
    202,  // TOO_MANY_SIMULTANEOUS_QUERIES
    203,  // NO_FREE_CONNECTION
    204,  // CANNOT_FSYNC
    209,  // SOCKET_TIMEOUT
    210,  // NETWORK_ERROR
    218,  // TABLE_IS_DROPPED
    225,  // NO_ZOOKEEPER
    236,  // ABORTED
    241,  // MEMORY_LIMIT_EXCEEDED
    242,  // TABLE_IS_READ_ONLY
    243,  // NOT_ENOUGH_SPACE
    244,  // UNEXPECTED_ZOOKEEPER_ERROR
    252,  // TOO_MANY_PARTS: merges are behind
    254,  // NO_ACTIVE_REPLICAS
    279,  // ALL_CONNECTION_TRIES_FAILED
    285,  // TOO_LESS_LIVE_REPLICAS
    286,  // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
    298,  // CANNOT_PIPE
    299,  // CANNOT_FORK
    319,  // UNKNOWN_STATUS_OF_INSERT
    335,  // BARRIER_TIMEOUT
    364,  // ASYNC_LOAD_CANCELED of old, IMPORT of new
    394,  // QUERY_WAS_CANCELLED
    439,  // CANNOT_SCHEDULE_TASK
    473,  // DEADLOCK_AVOIDED
    999,  // KEEPER_EXCEPTION
};

struct KnownCause {
    int code;
    std::string_view cause;
};

constexpr std::array refusals{
    KnownCause{81, "has no such database; make it, or name another in the URL"},
    KnownCause{164, "lets this user only read"},
    KnownCause{192, "does not know the user of the URL"},
    KnownCause{193, "does not take the password of the URL"},
    KnownCause{194, "wants a password for the user of the URL"},
    KnownCause{195, "does not let the user of the URL in from this address"},
    KnownCause{291, "does not let the user of the URL use this database"},
    KnownCause{497, "does not let the user of the URL do this"},
    KnownCause{516, "does not take user and password of the URL"},
};

int code_in(std::string_view answer) {
    constexpr std::string_view mark = "Code: ";
    const std::size_t at = answer.find(mark);
    if (at == std::string_view::npos) return 0;
    int code = 0;
    std::from_chars(answer.data() + at + mark.size(), answer.data() + answer.size(), code);
    return code;
}

// The server's own words, without what it puts around them.
std::string_view words_in(std::string_view answer) {
    constexpr std::string_view mark = "DB::Exception: ";
    const std::size_t at = answer.find(mark);
    if (at != std::string_view::npos) answer.remove_prefix(at + mark.size());
    answer = answer.substr(0, answer.find(", e.what()"));
    return answer.substr(0, answer.find('\n'));
}

}  // namespace

ClickHouseServer::ClickHouseServer(std::string_view location, std::function<bool()> must_end)
    : url_(parse_database_url("clickhouse", location)), must_end_(std::move(must_end)) {
    if (url_.host.empty()) url_.host = "127.0.0.1";
    if (url_.database.empty()) url_.database = "default";
    if (url_.user.empty()) url_.user = "default";
    is_secure_ = url_.parameter("secure") == "1";
    compresses_ =
        url_.parameter("compress").empty() ? !is_loopback(url_.host) : url_.parameter("compress") == "1";
    constexpr std::uint16_t http = 8123;
    constexpr std::uint16_t https = 8443;
    if (url_.port == 0) url_.port = is_secure_ ? https : http;
    for (const auto& [parameter, value] : url_.parameters) {
        const bool is_switch = parameter == "secure" || parameter == "compress";
        if (is_switch ? value != "0" && value != "1" : parameter != "ca") {
            throw Error("the database URL clickhouse: has the parameter " + excerpt(parameter) +
                            ", which is none of secure=0|1, compress=0|1 and ca=FILE, or another value",
                        ExitCode::usage);
        }
    }
    name_ = excerpt(url_.host + ":" + std::to_string(url_.port), 80);
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

bool ClickHouseServer::has_time() {
    if (!must_end_ || !must_end_()) return true;
    const auto now = std::chrono::steady_clock::now();
    if (!deadline_) deadline_ = now + longest_ending;
    return now < *deadline_;
}

// Called about once a second, whether anything moves or not; another answer than 0 ends the request.
int ClickHouseServer::note_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<ClickHouseServer*>(self)->has_time() ? 0 : 1;
}

void ClickHouseServer::set_up() {
    handle_.reset(curl_easy_init());
    // A body above a megabyte would wait for a go-ahead that servers do not give.
    plain_headers_.reset(curl_slist_append(nullptr, "Expect:"));
    gzip_headers_.reset(curl_slist_append(nullptr, "Expect:"));
    if (handle_ == nullptr || plain_headers_ == nullptr || gzip_headers_ == nullptr ||
        curl_slist_append(plain_headers_.get(), "Content-Type: application/octet-stream") == nullptr ||
        curl_slist_append(gzip_headers_.get(), "Content-Type: application/octet-stream") == nullptr ||
        curl_slist_append(gzip_headers_.get(), "Content-Encoding: gzip") == nullptr) {
        throw std::bad_alloc();
    }
    CURL* const h = handle_.get();
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, is_secure_ ? "https" : "http");
    // A password is for the server alone, whatever the environment says of proxies.
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(h, CURLOPT_USERNAME, url_.user.c_str());
    curl_easy_setopt(h, CURLOPT_PASSWORD, url_.password.c_str());
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, connect_timeout_s);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, silence_timeout_s);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, note_progress);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, this);
    curl_easy_setopt(h, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(h, CURLOPT_UPLOAD_BUFFERSIZE, 1L << 20U);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
    if (const std::string_view ca = url_.parameter("ca"); !ca.empty())
        curl_easy_setopt(h, CURLOPT_CAINFO, std::string(ca).c_str());
}

void ClickHouseServer::connect() {
    if (handle_ == nullptr) set_up();
    settings_.clear();
    const std::string version = ask("SELECT version() FORMAT TabSeparated");
    if (std::from_chars(version.data(), version.data() + version.size(), major_version_).ec != std::errc{} ||
        version.find('.') == std::string::npos) {
        throw Error("what answers at " + name_ + " is no ClickHouse; name host and HTTP port of one");
    }
    // What an answer says must be so: rows are stored, on all shards, and no number of days is too many.
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> wanted{{
        {"async_insert", "0"},
        {"insert_distributed_sync", "1"},
        {"max_partitions_per_insert_block", "0"},
    }};
    std::string names;
    for (const auto& [name, value] : wanted) names += (names.empty() ? "" : ", ") + clickhouse_literal(name);
    std::string known =
        ask("SELECT name FROM system.settings WHERE name IN (" + names + ") FORMAT TabSeparated");
    for (const auto& [name, value] : wanted) {
        if (("\n" + known).find("\n" + std::string(name) + "\n") != std::string::npos)
            settings_ += "&" + std::string(name) + "=" + std::string(value);
    }
}

std::string ClickHouseServer::address(std::string_view sql) const {
    const bool is_ipv6 = url_.host.find(':') != std::string::npos;
    std::string address = is_secure_ ? "https://" : "http://";
    address += is_ipv6 ? "[" + url_.host + "]" : percent(url_.host);
    address += ":" + std::to_string(url_.port) + "/?database=" + percent(url_.database) + settings_;
    if (!sql.empty()) address += "&query=" + percent(sql);
    return address;
}

std::string ClickHouseServer::ask(std::string_view sql) {
    // A list of what to look for may be long.
    constexpr std::size_t usual_most = 262'144;
    std::string to = address({});
    if (sql.size() >= usual_most / 2) to += "&max_query_size=" + std::to_string(2 * sql.size());
    return perform(to, sql, false);
}

void ClickHouseServer::send(std::string_view sql, std::string_view rows) {
    const std::string answer =
        compresses_ ? perform(address(sql), gzip(rows), true) : perform(address(sql), rows, false);
    constexpr long internal_error = 500;
    if (code_in(answer) != 0) refuse(internal_error, answer);
}

std::string ClickHouseServer::perform(const std::string& address, std::string_view body, bool is_gzip) {
    if (handle_ == nullptr) set_up();
    CURL* const h = handle_.get();
    Answer answer;
    std::array<char, CURL_ERROR_SIZE> detail{};
    curl_easy_setopt(h, CURLOPT_URL, address.c_str());
    curl_easy_setopt(h, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, is_gzip ? gzip_headers_.get() : plain_headers_.get());
    curl_easy_setopt(h, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, detail.data());
    const CURLcode code = curl_easy_perform(h);
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, nullptr);
    if (answer.is_too_long)
        throw Error("ClickHouse at " + name_ +
                    " answers more than 64 MiB; load fewer rows at once with --batch");
    if (code != CURLE_OK) refuse(code, detail.data());
    long status = 0;
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    constexpr long ok = 200;
    if (status != ok) refuse(status, answer.text);
    return std::move(answer.text);
}

void ClickHouseServer::refuse(CURLcode code, const char* detail) const {
    const std::string cause = *detail != '\0' ? detail : curl_easy_strerror(code);
    switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
            throw Error("the certificate of ClickHouse at " + name_ + " is not trusted: " + cause +
                        "; name the authority's with ca=FILE in the URL");
        case CURLE_ABORTED_BY_CALLBACK:
            throw Error("ClickHouse at " + name_ + " did not answer within " +
                            std::to_string(longest_ending.count()) +
                            " s, and the load is to end; what was committed stays, try again later",
                        ExitCode::temporary);
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
            throw Error("the database URL clickhouse: names no server: " + cause, ExitCode::usage);
        default:
            throw Error("ClickHouse at " + name_ + " is away: " + cause +
                            "; what was committed stays, try again when it is back",
                        ExitCode::temporary);
    }
}

void ClickHouseServer::refuse(long status, std::string_view answer) const {
    const int code = code_in(answer);
    const std::string words = excerpt(words_in(answer), shown_of_answer);
    if (const auto* const known = std::ranges::find(refusals, code, &KnownCause::code);
        known != refusals.end()) {
        throw Error("ClickHouse at " + name_ + " " + std::string(known->cause) + ": " + words);
    }
    constexpr long first_of_server = 500;
    const bool is_temporary = code == 0 ? status >= first_of_server
                                        : std::ranges::find(temporary_codes, code) != temporary_codes.end();
    if (is_temporary) {
        throw Error("ClickHouse at " + name_ + " cannot do it now: " + words +
                        "; what was committed stays, try again later",
                    ExitCode::temporary);
    }
    throw Error("ClickHouse at " + name_ + " refuses: " + words + " (HTTP status " + std::to_string(status) +
                ")");
}

std::string clickhouse_literal(std::string_view text) {
    std::string literal = "'";
    for (const char c : text) {
        if (c == '\0') {
            literal += "\\0";
            continue;
        }
        if (c == '\'' || c == '\\') literal += '\\';
        literal += c;
    }
    return literal + "'";
}

}  // namespace hepcap::sink
