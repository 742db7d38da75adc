#include <array>

#include "sink/sqlite_fixture.hpp"

using namespace hepcap;
using namespace hepcap::sink;

TEST_SUITE("sink") {
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

    TEST_CASE("a column that no row had so far is stored from the first row on that has it") {
        TestDatabase db;
        const auto sink = db.open();
        append(*sink, 0, 3);
        sink->flush();
        TestRecord late(3);
        late.record.ruri = "sip:late@example.com";
        late.record.contact_port = 5070;
        sink->append("sip_capture", late.record);
        append(*sink, 4, 6);
        sink->settle();
        append(*sink, 6, 7);
        sink->close();
        CHECK(db.query("SELECT ruri, contact_port FROM sip_capture ORDER BY id") ==
              "|0\n|0\n|0\nsip:late@example.com|5070\n|0\n|0\n|0");
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
}
