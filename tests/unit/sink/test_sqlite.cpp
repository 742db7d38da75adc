#include "sink/sqlite_fixture.hpp"

using namespace hepcap;
using namespace hepcap::sink;

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
                other->flush();
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
        CHECK(cut == "from_user=1 to_user=1 callid=2 msg=2 ");
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
}
