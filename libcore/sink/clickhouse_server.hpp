// A ClickHouse server over HTTP: asked in SQL, filled with rows in RowBinary.  One object is one connection,
// used by one thread at a time; it is made with the first question and again where the server closed it.
//
// User and password travel in a header.  Rows are compressed (gzip) on the way to another machine: that makes
// them a fifth, at about the speed of a gigabit network and far above that of a slower one; on loopback it
// would only cost time.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sink/database_url.hpp"

namespace hepcap::sink {

class ClickHouseServer {
public:
    // Takes "//user:password@host:port/database?secure=1&compress=0&ca=FILE", the location of a URL; nothing
    // is asked yet.  Once `must_end` says so, requests have some seconds left, all together.  Throws Error
    // with ExitCode::usage.
    explicit ClickHouseServer(std::string_view location, std::function<bool()> must_end = {});
    ClickHouseServer(const ClickHouseServer&) = delete;
    ClickHouseServer& operator=(const ClickHouseServer&) = delete;

    // Asks for version and settings.  Throws Error where the server is away (temporary), does not let in, has
    // no such database, or is none.
    void connect();
    void connect_once() {
        if (major_version_ == 0) connect();
    }

    // The answer to a question, in the form that it names.  Throws Error: with ExitCode::temporary for what
    // may heal, in one sentence with the server's words.
    std::string ask(std::string_view sql);

    // Does `sql`, an INSERT without rows or any statement that answers nothing, with `rows` behind it.  A
    // server that has sent a good status before it failed says so where nothing should stand: that is
    // thrown, too.
    void send(std::string_view sql, std::string_view rows);

    // "'host:8123'", for messages.
    const std::string& name() const { return name_; }
    const std::string& database() const { return url_.database; }

    // False before version 19.1, where LowCardinality is an experiment.
    bool has_low_cardinality() const { return major_version_ >= 19; }

private:
    struct CloseHandle {
        void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    };
    struct FreeList {
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };

    static int note_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
    bool has_time();
    void set_up();
    std::string address(std::string_view sql) const;
    std::string perform(const std::string& address, std::string_view body, bool is_gzip);
    [[noreturn]] void refuse(CURLcode code, const char* detail) const;
    [[noreturn]] void refuse(long status, std::string_view answer) const;

    DatabaseUrl url_;
    std::function<bool()> must_end_;
    std::optional<std::chrono::steady_clock::time_point> deadline_;  // since it must end
    std::string name_;
    bool is_secure_ = false;
    bool compresses_ = false;
    std::uint64_t major_version_ = 0;
    std::string settings_;  // of every request, as they stand in its address
    std::unique_ptr<CURL, CloseHandle> handle_;
    std::unique_ptr<curl_slist, FreeList> plain_headers_;
    std::unique_ptr<curl_slist, FreeList> gzip_headers_;
};

// 'text' as a literal of ClickHouse's SQL, any octets.
std::string clickhouse_literal(std::string_view text);

}  // namespace hepcap::sink
