#include <doctest/doctest.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "sink/embedded_sql.hpp"
#include "sink/sink.hpp"
#include "sink/table_sql.hpp"

using namespace hepcap;
using namespace hepcap::sink;

namespace {

struct RememberingLog : Log {
    std::vector<std::string> warnings;
    void warn(std::string_view sentence) override { warnings.emplace_back(sentence); }
    void error(std::string_view) override {}
};

// A database file in a directory of its own, gone with the scope.
class TestDatabase {
public:
    TestDatabase() {
        std::string name = (std::filesystem::temp_directory_path() / "hepcap-test-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        directory_ = name;
    }
    ~TestDatabase() { std::filesystem::remove_all(directory_); }
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    std::string path() const { return (directory_ / "calls.db").string(); }

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
    std::filesystem::path directory_;
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

void append(Sink& sink, int first, int last, std::string_view table = "sip_capture") {
    for (int n = first; n < last; ++n) sink.append(table, TestRecord(n).record);
}

// Loads records first to last and closes; the counts.
SinkCounts load(TestDatabase& db, int first, int last, std::string_view table = "sip_capture") {
    const auto sink = db.open();
    append(*sink, first, last, table);
    sink->close();
    return sink->counts();
}

// Runs `work` in a process of its own; its exit status, or 128 and the signal.
pid_t start(const std::function<int()>& work) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        int status = 99;
        try {
            status = work();
        } catch (const Error& e) {
            status = static_cast<int>(e.code());
        }
        _exit(status);
    }
    return child;
}

int wait_for(pid_t child) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string sentence_of(const std::function<void()>& work, ExitCode code) {
    try {
        work();
    } catch (const Error& e) {
        CHECK(e.code() == code);
        return e.what();
    }
    return "nothing was thrown";
}

constexpr const char* count_all = "SELECT count(*), count(DISTINCT uid) FROM sip_capture";
constexpr const char* index_count =
    "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("a row holds the record's values, and '' or 0 where the record has none") {
        TestDatabase db;
        load(db, 0, 1);
        CHECK(db.query("SELECT id, date, micro_ts, method, reply_reason, callid, auth, source_ip, "
                       "source_port, contact_port, "
                       "correlation_id, proto, family, type, node, length(msg), uid FROM sip_capture") ==
              "1|2025-11-24 "
              "16:00:00|1764000000000000|OPTIONS||call-0@example.com||192.0.2.1|5060|0|call-0@example.com|1|"
              "2|1||" +
                  std::to_string(TestRecord(0).msg.size()) + "|1000000000000000");
        CHECK(db.query(index_count) == "9");
    }

    TEST_CASE("a payload comes back octet by octet, whatever it holds") {
        TestDatabase db;
        const std::vector<std::string> payloads{"plain", std::string("a\0b", 3), "\xFF\xFE", "\xC3\xA4",
                                                std::string(100'000, 'x')};
        const auto sink = db.open();
        for (std::size_t i = 0; i < payloads.size(); ++i) {
            TestRecord r(static_cast<int>(i));
            r.record.msg = payloads[i];
            r.record.from_user = payloads[i];
            sink->append("sip_capture", r.record);
        }
        sink->close();
        std::string expected;
        constexpr std::string_view digits = "0123456789ABCDEF";
        for (const std::string& payload : payloads) {
            if (!expected.empty()) expected += '\n';
            for (const char c : payload) {
                expected += digits[static_cast<unsigned char>(c) >> 4];
                expected += digits[static_cast<unsigned char>(c) & 15];
            }
        }
        CHECK(db.query("SELECT hex(CAST(msg AS BLOB)) FROM sip_capture ORDER BY id") == expected);
        CHECK(db.query("SELECT typeof(msg), typeof(from_user) FROM sip_capture ORDER BY id") ==
              "text|text\nblob|blob\nblob|blob\ntext|text\ntext|text");
    }

    TEST_CASE("loading again adds nothing and says so") {
        TestDatabase db;
        CHECK(load(db, 0, 100).inserted == 100);
        const SinkCounts again = load(db, 50, 150);
        CHECK(again.inserted == 50);
        CHECK(again.already_there == 50);
        CHECK(db.query(count_all) == "150|150");
    }

    TEST_CASE("a record that comes twice in one load is stored once and counted") {
        TestDatabase db;
        const auto sink = db.open();
        append(*sink, 0, 100);
        append(*sink, 50, 120);
        sink->close();
        CHECK(sink->counts().inserted == 120);
        CHECK(sink->counts().already_there == 50);
        CHECK(db.query(count_all) == "120|120");
        CHECK(db.query(index_count) == "9");
        CHECK(db.query("SELECT min(id), max(id) FROM sip_capture") == "1|170");
    }

    TEST_CASE("rtcp, report and log records share a layout and have their tables") {
        TestDatabase db;
        const auto sink = db.open();
        for (const char* const kind : {"rtcp", "report", "log"}) {
            TestRecord r(1);
            r.record.kind = kind;
            r.record.data.text = "{}";
            sink->append(default_table(Schema::sipcapture, kind), r.record);
        }
        sink->close();
        CHECK(db.query(
                  "SELECT type, correlation_id FROM rtcp_capture UNION ALL SELECT type, correlation_id FROM "
                  "report_capture UNION ALL SELECT type, correlation_id FROM logs_capture") ==
              "3|call-0@example.com\n2|call-0@example.com\n5|call-0@example.com");
        CHECK_THROWS_AS(
            [&] {
                const auto other = db.open();
                TestRecord r(2);
                r.record.kind = "rtcp";
                other->append("one_table", r.record);
                append(*other, 0, 1, "one_table");
            }(),
            Error);
    }

    TEST_CASE("the schema record has a column for each key, NULL where the key is absent") {
        TestDatabase db;
        const auto sink = db.open({.schema = Schema::record});
        TestRecord r(1);
        r.record.mos = record::Real(4.25);
        r.record.hep_auth_ok = record::Boolean(false);
        r.record.encap.text = R"(["vlan:1"])";
        r.record.extra.text = R"({"x":1})";
        sink->append("record", r.record);
        r.record.kind = "call";
        r.record.uid = "other";
        sink->append("record", r.record);
        sink->close();
        CHECK(db.query("SELECT kind, mos, hep_auth_ok, encap, extra, status, reason, callid FROM record") ==
              "sip|4.25|0|[\"vlan:1\"]|{\"x\":1}|NULL|NULL|call-0@example.com\n"
              "call|4.25|0|[\"vlan:1\"]|{\"x\":1}|NULL|NULL|call-0@example.com");
    }

    TEST_CASE("a value longer than its column is cut between characters and counted") {
        TestDatabase db;
        db.query(
            "CREATE TABLE narrow (callid VARCHAR(6), from_user character varying(3), to_user char(2), ruri "
            "varchar, "
            "reason text, uid varchar(4), msg varchar(5))");
        const auto sink = db.open();
        TestRecord r(1);
        r.record.from_user = "\xC3\xA4\xC3\xB6\xC3\xBC";
        r.record.to_user = "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC";
        r.record.ruri = "sip:someone@example.com";
        r.record.reason = "a long one";
        r.record.msg = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
        sink->append("narrow", r.record);
        sink->append("narrow", TestRecord(2).record);
        sink->close();
        CHECK(db.query("SELECT callid, from_user, to_user, ruri, reason, uid, hex(msg) FROM narrow WHERE "
                       "rowid = 1") ==
              "call-0|\xC3\xA4\xC3\xB6\xC3\xBC|\xE2\x82\xAC\xE2\x82\xAC|sip:someone@example.com|a long "
              "one|1000000000000001|"
              "FFFFFFFFFF");
        std::string cut;
        for (const NamedCount& c : sink->counts().cut) cut += c.name + "=" + std::to_string(c.count) + " ";
        CHECK(cut == "to_user=1 callid=2 msg=2 from_user=1 ");
    }

    TEST_CASE(
        "a table made by others takes the columns it has, and loading again adds nothing there either") {
        TestDatabase db;
        db.query(
            "CREATE TABLE sip_capture (id INTEGER PRIMARY KEY, Date text, MICRO_TS bigint, callid text, "
            "source_ip text, "
            "msg blob, theirs text DEFAULT 'x'); CREATE INDEX c ON sip_capture (callid);"
            "INSERT INTO sip_capture (micro_ts, callid, source_ip, msg) SELECT 1764000000000000, "
            "'call-0@example.com', "
            "'192.0.2.1', CAST('OPTIONS sip:0@example.com SIP/2.0' || char(13, 10, 13, 10) || "
            "replace(hex(zeroblob(250)), '0', 'x') AS BLOB)");
        CHECK(load(db, 0, 10).inserted == 9);
        CHECK(load(db, 0, 20).inserted == 10);
        CHECK(db.query("SELECT count(*), count(DISTINCT micro_ts), min(theirs) FROM sip_capture") ==
              "20|20|x");
        CHECK(db.log.warnings.empty());
    }

    TEST_CASE("a foreign table without an index gets one over the time, and the user is told") {
        TestDatabase db;
        db.query("CREATE TABLE sip_capture (micro_ts bigint, callid text, msg text)");
        load(db, 0, 10);
        CHECK(load(db, 0, 10).already_there == 10);
        CHECK(db.query(index_count) == "1");
        REQUIRE(db.log.warnings.size() == 1);
        CHECK(db.log.warnings[0].find("'sip_capture' has no uid column") != std::string::npos);
    }

    TEST_CASE("a table with none of the columns is refused") {
        TestDatabase db;
        db.query("CREATE TABLE sip_capture (a int, b text)");
        CHECK(sentence_of([&] { load(db, 0, 1); }, ExitCode::data_error).find("none of the columns") !=
              std::string::npos);
    }

    TEST_CASE("without leave to create, a missing database or table is an error that says what to do") {
        TestDatabase db;
        const SinkOptions options{.create = false};
        CHECK(sentence_of([&] { db.open(options); }, ExitCode::data_error)
                  .starts_with("cannot open database '"));
        db.query("CREATE TABLE other (a)");
        CHECK(sentence_of([&] { append(*db.open(options), 0, 1); }, ExitCode::data_error).find("--create") !=
              std::string::npos);
    }

    TEST_CASE("a load that ended before its indexes were made is completed by the next one") {
        TestDatabase db;
        {
            const auto sink = db.open();
            append(*sink, 0, 100);
            append(*sink, 90, 95);
            sink->flush();
        }
        CHECK(db.query(index_count) == "0");
        CHECK(db.query(count_all) == "105|100");
        const SinkCounts again = load(db, 0, 200);
        CHECK(again.inserted == 100);
        CHECK(again.already_there == 100);
        CHECK(db.query(count_all) == "200|200");
        CHECK(db.query(index_count) == "9");
    }

    TEST_CASE("what is pending is given up by the destructor and committed by flush") {
        TestDatabase db;
        {
            const auto sink = db.open();
            append(*sink, 0, 10);
            CHECK(sink->pending() == 10);
            CHECK(sink->counts().inserted == 0);
            sink->flush();
            CHECK(sink->pending() == 0);
            CHECK(sink->counts().inserted == 10);
            append(*sink, 10, 20);
        }
        CHECK(db.query(count_all) == "10|10");
    }

    TEST_CASE("a batch ends by rows and by time") {
        TestDatabase db;
        const auto by_rows = db.open({.batch = 7});
        append(*by_rows, 0, 20);
        CHECK(by_rows->pending() == 6);
        const auto by_time = db.open({.flush_after = std::chrono::milliseconds(0)});
        by_rows->flush();
        append(*by_time, 20, 100);
        CHECK(by_time->pending() < 80);
    }

    TEST_CASE("settle makes the indexes, and rows after it are still stored once") {
        TestDatabase db;
        const auto sink = db.open();
        append(*sink, 0, 10);
        sink->settle();
        CHECK(db.query(index_count) == "9");
        append(*sink, 5, 15);
        sink->close();
        CHECK(sink->counts().inserted == 15);
        CHECK(sink->counts().already_there == 5);
    }

    TEST_CASE("of sibling tables one holds a record, however often and where it is loaded") {
        TestDatabase db;
        const std::array<std::string_view, 3> tables{"a", "b", "c"};
        const auto load_shifted = [&](std::size_t shift) {
            const auto sink = db.open();
            for (int n = 0; n < 90; ++n) {
                sink->append(tables[(static_cast<std::size_t>(n) + shift) % 3], TestRecord(n).record, tables);
            }
            // The same records once more, in another table of the same run.
            for (int n = 0; n < 30; ++n) {
                sink->append(tables[(static_cast<std::size_t>(n) + shift + 1) % 3], TestRecord(n).record,
                             tables);
            }
            sink->close();
            return sink->counts();
        };
        CHECK(load_shifted(0).inserted == 90);
        CHECK(load_shifted(1).inserted == 0);
        CHECK(load_shifted(2).already_there == 120);
        CHECK(db.query(
                  "SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b) + (SELECT count(*) FROM c)") ==
              "90");
    }

    TEST_CASE("more tables than may be open at once are all filled and indexed") {
        TestDatabase db;
        const auto sink = db.open();
        for (int n = 0; n < 400; ++n) sink->append("t" + std::to_string(n % 100), TestRecord(n).record);
        sink->close();
        CHECK(sink->counts().inserted == 400);
        CHECK(db.query("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name LIKE 't%'") ==
              "100");
        CHECK(db.query(index_count) == "900");
        CHECK(db.query("SELECT count(*) FROM t99") == "4");
    }

    TEST_CASE("a table's name is a name and nothing else") {
        TestDatabase db;
        const std::string odd = "a\"; DROP TABLE b; --";
        load(db, 0, 3, odd);
        CHECK(load(db, 0, 4, odd).inserted == 1);
        CHECK(db.query("SELECT count(*) FROM \"a\"\"; DROP TABLE b; --\"") == "4");
        for (const std::string& name : {std::string(), std::string("sqlite_x"), std::string("a\0b", 3)}) {
            sentence_of([&] { load(db, 0, 1, name); }, ExitCode::usage);
        }
    }

    TEST_CASE("what is no database is refused with its name") {
        TestDatabase db;
        std::ofstream(db.path())
            << "These are not the octets you are looking for, however many of them there may be.";
        const std::string sentence = sentence_of([&] { load(db, 0, 1); }, ExitCode::data_error);
        CHECK(sentence.find(db.path() + "' is no SQLite database") != std::string::npos);
        const std::string directory = std::filesystem::path(db.path()).parent_path().string();
        RememberingLog log;
        CHECK(sentence_of([&] { open_sink("sqlite:" + directory, {}, log); }, ExitCode::data_error)
                  .starts_with("cannot open database '" + directory + "'"));
    }

    TEST_CASE("a database that stays locked is a temporary error that says what is stored") {
        TestDatabase db;
        load(db, 0, 5);
        sqlite3* other = nullptr;
        REQUIRE(sqlite3_open(db.path().c_str(), &other) == SQLITE_OK);
        REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
        const auto sink = db.open({.busy_timeout = std::chrono::milliseconds(50)});
        const std::string sentence = sentence_of([&] { append(*sink, 5, 6); }, ExitCode::temporary);
        CHECK(sentence.find("stayed locked by another process") != std::string::npos);
        CHECK(sentence.find("0 rows of this load are stored") != std::string::npos);
        sqlite3_close(other);
        CHECK(load(db, 0, 6).inserted == 1);
    }

    TEST_CASE("a disk that fills up is a temporary error, and loading again completes the load") {
        TestDatabase db;
        const pid_t child = start([&] {
            // No file may grow beyond 1 MiB: for SQLite that is a disk that is full.
            const rlimit limit{1 << 20, 1 << 20};
            signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, &limit);
            const auto sink = db.open({.batch = 100});
            append(*sink, 0, 5000);
            sink->close();
            return 0;
        });
        CHECK(wait_for(child) == static_cast<int>(ExitCode::temporary));
        CHECK(db.query("PRAGMA integrity_check") == "ok");
        const SinkCounts again = load(db, 0, 5000);
        CHECK(again.inserted < 5000);
        CHECK(again.inserted + again.already_there == 5000);
        CHECK(db.query(count_all) == "5000|5000");
    }

    TEST_CASE("a load that is killed leaves a sound database, and loading again completes it") {
        TestDatabase db;
        std::mt19937 random(7);
        for (int i = 0; i < 8; ++i) {
            const pid_t child = start([&] {
                const auto sink = db.open({.batch = 200});
                append(*sink, 0, 4000);
                sink->close();
                return 0;
            });
            usleep(static_cast<useconds_t>(random() % 120'000));
            kill(child, SIGKILL);
            wait_for(child);
            CHECK(db.query("PRAGMA integrity_check") == "ok");
        }
        load(db, 0, 4000);
        CHECK(db.query(count_all) == "4000|4000");
        CHECK(db.query(index_count) == "9");
        CHECK(db.query("PRAGMA integrity_check") == "ok");
    }

    TEST_CASE("two loads of the same records at once store each of them once") {
        TestDatabase db;
        const auto work = [&] {
            const auto sink = db.open({.batch = 50});
            append(*sink, 0, 2000);
            sink->close();
            return 0;
        };
        const pid_t one = start(work);
        const pid_t other = start(work);
        CHECK(wait_for(one) == 0);
        CHECK(wait_for(other) == 0);
        CHECK(db.query(count_all) == "2000|2000");
        CHECK(db.query(index_count) == "9");
    }
}
