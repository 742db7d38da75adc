#include "sink/sqlite_fixture.hpp"

using namespace hepcap;
using namespace hepcap::sink;

TEST_SUITE("sink") {
    TEST_CASE("an input is in the ledger once its rows are stored, and not before") {
        TestDatabase db;
        {
            const auto sink = db.open();
            append(*sink, 0, 10);
            CHECK(!sink->is_finished("one"));
            sink->end_input("one");
            CHECK(sink->is_finished("one"));
            append(*sink, 10, 20);
        }
        // Nobody closed it: what was pending is gone, what was finished is not.
        CHECK(db.query("SELECT input FROM hepcap_ledger") == "one");
        CHECK(db.query("SELECT count(*) FROM sip_capture") == "10");
        const auto sink = db.open();
        CHECK(sink->is_finished("one"));
        CHECK(!sink->is_finished("two"));
        sink->close();
    }

    TEST_CASE("of a database that is away nobody says that it keeps no ledger") {
        TestDatabase db;
        CHECK(load(db, 0, 1).inserted == 1);
        const test::TemporaryDirectory spool;
        SinkOptions options;
        options.spool = spool.path().string();
        options.busy_timeout = std::chrono::milliseconds(20);
        sqlite3* other = nullptr;
        REQUIRE(sqlite3_open(db.path().c_str(), &other) == SQLITE_OK);
        REQUIRE(sqlite3_exec(other, "PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE", nullptr, nullptr,
                             nullptr) == SQLITE_OK);
        const auto sink = db.open(options);
        append(*sink, 1, 3);
        sink->end_input("one");
        sink->flush();
        CHECK(sink->is_away());
        CHECK(sink->counts().spooled == 2);
        REQUIRE(db.log.warnings.size() == 1);
        CHECK(db.log.warnings[0].find("records go to the spool") != std::string::npos);
        sqlite3_close(other);
    }

    TEST_CASE("a ledger is made only where something may be made") {
        TestDatabase db;
        CHECK(load(db, 0, 1).inserted == 1);
        SinkOptions options;
        options.create = false;
        const auto sink = db.open(options);
        CHECK(!sink->is_finished("one"));
        CHECK_THROWS_AS(sink->end_input("one"), Error);
    }

    TEST_CASE("tables are named, and dropped with their indexes, whether open or not") {
        TestDatabase db;
        CHECK(load(db, 0, 5).inserted == 5);
        db.query("CREATE TABLE \"a \"\" b\" (x)");
        const auto sink = db.open();
        CHECK(sink->tables() == std::vector<std::string>{"sip_capture", "a \" b"});
        append(*sink, 5, 8);
        sink->drop_table("sip_capture");
        sink->drop_table("a \" b");
        sink->drop_table("never there");
        CHECK(sink->tables().empty());
        append(*sink, 0, 2);
        sink->close();
        CHECK(db.query("SELECT count(*) FROM sip_capture") == "2");
    }
}
