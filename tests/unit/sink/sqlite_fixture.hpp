// What the tests of the SQLite sink share: a database in a directory of its own, records of an imagined
// trace, and a load of them.
#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "sink/sink.hpp"
#include "temporary_directory.hpp"

namespace hepcap::sink {

struct RememberingLog : Log {
    std::vector<std::string> warnings;
    void warn(std::string_view sentence) override { warnings.emplace_back(sentence); }
    void error(std::string_view) override {}
};

// A database file in a directory of its own, gone with the scope.
class TestDatabase {
public:
    std::string path() const { return directory_ / "calls.db"; }

    std::unique_ptr<Sink> open(const SinkOptions& options = {}) {
        return open_sink("sqlite:" + path(), options, log);
    }

    // All rows, columns separated by | and rows by a line feed.
    std::string query(const std::string& sql) const {
        sqlite3* db = nullptr;
        REQUIRE(sqlite3_open(path().c_str(), &db) == SQLITE_OK);
        sqlite3_busy_timeout(db, 10'000);
        std::string rows;
        const auto add = [](void* to, int count, char** values, char**) {
            auto& text = *static_cast<std::string*>(to);
            if (!text.empty()) text += '\n';
            for (int i = 0; i < count; ++i)
                text += std::string(i > 0 ? "|" : "") + (values[i] ? values[i] : "NULL");
            return 0;
        };
        char* message = nullptr;
        sqlite3_exec(db, sql.c_str(), add, &rows, &message);
        if (message != nullptr) rows += std::string("error: ") + message;
        sqlite3_free(message);
        sqlite3_close(db);
        return rows;
    }

    RememberingLog log;

private:
    test::TemporaryDirectory directory_;
};

// Record number `n` of an imagined trace; what it points to lives in the object.
struct TestRecord {
    explicit TestRecord(int n)
        : callid("call-" + std::to_string(n / 4) + "@example.com"),
          uid(std::to_string(1'000'000'000'000'000 + n)),
          msg("OPTIONS sip:" + std::to_string(n) + "@example.com SIP/2.0\r\n\r\n" + std::string(500, 'x')) {
        record.kind = record::kind::sip;
        record.micro_ts = 1'764'000'000'000'000 + n;
        record.uid = uid;
        record.source_ip = "192.0.2.1";
        record.source_port = 5060;
        record.destination_ip = "192.0.2.2";
        record.destination_port = 5060;
        record.transport = "udp";
        record.method = "OPTIONS";
        record.callid = callid;
        record.from_user = "alice";
        record.msg = msg;
    }
    std::string callid;
    std::string uid;
    std::string msg;
    record::Record record;
};

inline void append(Sink& sink, int first, int last, std::string_view table = "sip_capture") {
    for (int n = first; n < last; ++n) sink.append(table, TestRecord(n).record);
}

// Loads records first to last and closes; the counts.
inline SinkCounts load(TestDatabase& db, int first, int last, std::string_view table = "sip_capture") {
    const auto sink = db.open();
    append(*sink, first, last, table);
    sink->close();
    return sink->counts();
}

inline std::string sentence_of(const std::function<void()>& work, ExitCode code) {
    try {
        work();
    } catch (const Error& e) {
        CHECK(e.code() == code);
        return e.what();
    }
    return "nothing was thrown";
}

inline constexpr const char* count_all = "SELECT count(*), count(DISTINCT uid) FROM sip_capture";
inline constexpr const char* index_count =
    "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";

}  // namespace hepcap::sink
