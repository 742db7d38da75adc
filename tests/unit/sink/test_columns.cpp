#include "sink/columns.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "record/fields.hpp"
#include "sink/embedded_sql.hpp"
#include "sink/table_sql.hpp"

using namespace hepcap;
using namespace hepcap::sink;

namespace {

// The first word of each line between the parentheses of CREATE TABLE.
std::vector<std::string> columns_of_sql(Layout layout, std::string_view dialect = "sqlite/") {
    const std::string path = std::string(dialect).append(sql_file(layout));
    const TableSql sql = parse_table_sql(embedded_sql(path), "t");
    std::vector<std::string> names;
    std::string_view rest = sql.create;
    rest.remove_prefix(rest.find("(\n") + 2);
    while (rest.starts_with("    ")) {
        rest.remove_prefix(4);
        names.emplace_back(rest.substr(0, rest.find(' ')));
        std::erase(names.back(), '"');
        rest.remove_prefix(rest.find('\n') + 1);
    }
    return names;
}

std::vector<std::string> names_of_layout(Layout layout) {
    std::vector<std::string> names;
    if (layout != Layout::record) names.emplace_back("id");
    for (const Column& column : columns(layout)) names.emplace_back(column.name);
    return names;
}

std::string text_of(const Value& value) {
    switch (value.type) {
        case Value::Type::absent: return "absent";
        case Value::Type::text: return std::string(value.text());
        case Value::Type::octets: return "octets";
        case Value::Type::integer: return std::to_string(value.integer);
        case Value::Type::real: return std::to_string(value.real);
    }
    return {};
}

std::string value_of(Layout layout, std::string_view name, const record::Record& record) {
    static RowValues values;
    std::vector<Value> row(columns(layout).size());
    values.make(layout, record, row.data());
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (columns(layout)[i].name == name) return text_of(row[i]);
    }
    return "no such column";
}

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("the columns of each layout are those of its SQL file, in the same order") {
        for (const Layout layout : {Layout::sip_capture, Layout::report_capture, Layout::record}) {
            CAPTURE(sql_file(layout));
            CHECK(names_of_layout(layout) == columns_of_sql(layout));
        }
    }

    TEST_CASE("the tables of PostgreSQL have the columns of each layout, then msg_b64") {
        for (const Layout layout :
             {Layout::sip_capture, Layout::report_capture, Layout::record, Layout::homer7}) {
            CAPTURE(sql_file(layout));
            std::vector<std::string> wanted = names_of_layout(layout);
            wanted.emplace_back("msg_b64");
            CHECK(columns_of_sql(layout, "postgres/") == wanted);
        }
    }

    TEST_CASE("the table of SIP messages has the module's 44 columns and then the uid") {
        const auto sip = columns(Layout::sip_capture);
        CHECK(sip.size() == 45);
        CHECK(sip.front().name == "date");
        CHECK(sip[43].name == "msg");
        CHECK(sip.back().name == "uid");
    }

    TEST_CASE("every column but id has a comment in the SQL files") {
        for (const Layout layout : {Layout::sip_capture, Layout::report_capture, Layout::record}) {
            std::string_view sql = embedded_sql("sqlite/" + std::string(sql_file(layout)));
            sql.remove_prefix(sql.find("(\n") + 2);
            while (sql.starts_with("    ")) {
                const std::string_view line = sql.substr(0, sql.find('\n'));
                CAPTURE(line);
                CHECK(line.find("  -- ") != std::string_view::npos);
                sql.remove_prefix(line.size() + 1);
            }
        }
    }

    TEST_CASE("each layout has a unique index over uid and makes it last") {
        for (const Layout layout : {Layout::sip_capture, Layout::report_capture, Layout::record}) {
            const TableSql sql =
                parse_table_sql(embedded_sql("sqlite/" + std::string(sql_file(layout))), "t");
            REQUIRE_FALSE(sql.indexes.empty());
            CHECK(sql.indexes.back().name == "t_uid_idx");
            for (const IndexSql& index : sql.indexes)
                CHECK(index.is_unique == (&index == &sql.indexes.back()));
        }
    }

    TEST_CASE("kinds go to the tables in which the module stores them") {
        struct Row {
            const char* kind;
            int layout;  // -1: not stored
            const char* table;
        };
        constexpr std::array rows{
            Row{"sip", static_cast<int>(Layout::sip_capture), "sip_capture"},
            Row{"rtcp", static_cast<int>(Layout::report_capture), "rtcp_capture"},
            Row{"report", static_cast<int>(Layout::report_capture), "report_capture"},
            Row{"log", static_cast<int>(Layout::report_capture), "logs_capture"},
            Row{"hep", -1, nullptr},
            Row{"packet", -1, nullptr},
            Row{"eof", -1, nullptr},
            Row{"call", -1, nullptr},
        };
        for (const Row& row : rows) {
            CAPTURE(row.kind);
            const auto layout = layout_for(Schema::sipcapture, row.kind);
            CHECK((layout ? static_cast<int>(*layout) : -1) == row.layout);
            if (row.table != nullptr) CHECK(default_table(Schema::sipcapture, row.kind) == row.table);
            CHECK(layout_for(Schema::record, row.kind).has_value() == (std::string_view(row.kind) != "eof"));
            CHECK(default_table(Schema::record, row.kind) == "record");
        }
    }

    TEST_CASE("date is the second of micro_ts in UTC") {
        struct Row {
            std::int64_t micro_ts;
            const char* date;
        };
        constexpr std::array rows{
            Row{0, "1970-01-01 00:00:00"},
            Row{1'764'000'347'712'782, "2025-11-24 16:05:47"},
            Row{1'764'000'347'999'999, "2025-11-24 16:05:47"},
            Row{1'764'000'348'000'000, "2025-11-24 16:05:48"},
            Row{-1, "1969-12-31 23:59:59"},
            Row{253'402'300'799'999'999, "9999-12-31 23:59:59"},
        };
        for (const Row& row : rows) {
            record::Record record;
            record.micro_ts = row.micro_ts;
            CHECK(value_of(Layout::sip_capture, "date", record) == row.date);
        }
        record::Record absurd;
        absurd.micro_ts = std::numeric_limits<std::int64_t>::max();
        CHECK(value_of(Layout::sip_capture, "date", absurd).size() == 19);
        absurd.micro_ts = std::numeric_limits<std::int64_t>::min() + 1;
        CHECK(value_of(Layout::sip_capture, "date", absurd).size() == 19);
    }

    TEST_CASE("proto, family and type are the module's numbers") {
        struct Row {
            const char* name;
            const char* kind;
            const char* transport;
            const char* source_ip;
            const char* method;
            record::Integer status;
            record::Integer hep_proto;
            const char* expected;  // proto family type
        };
        const std::vector<Row> rows{
            {"request", "sip", "udp", "192.0.2.1", "INVITE", {}, 1, "1 2 1"},
            {"reply", "sip", "tcp", "2001:db8::1", "200", 200, 1, "2 10 2"},
            {"reply without status", "sip", "tls", "192.0.2.1", "404", {}, {}, "3 2 2"},
            {"method of digits", "sip", "sctp", "192.0.2.1", "1234", {}, {}, "4 2 1"},
            {"reply with an impossible code", "sip", "udp", "192.0.2.1", "99999", {}, 1, "1 2 2"},
            {"no addresses", "sip", "", "", "INVITE", {}, {}, "0 0 1"},
            {"WebSocket", "sip", "ws", "::1", "INVITE", {}, {}, "5 10 1"},
            {"secure WebSocket", "sip", "wss", "::1", "INVITE", {}, {}, "6 10 1"},
            {"RTCP", "rtcp", "udp", "192.0.2.1", "", {}, 5, "1 2 3"},
            {"QoS report", "report", "udp", "192.0.2.1", "", {}, 32, "1 2 2"},
            {"voice quality report", "report", "udp", "192.0.2.1", "", {}, 99, "1 2 4"},
            {"report of another type", "report", "udp", "192.0.2.1", "", {}, 34, "1 2 2"},
            {"log", "log", "udp", "192.0.2.1", "", {}, 100, "1 2 5"},
        };
        for (const Row& row : rows) {
            CAPTURE(row.name);
            record::Record r;
            r.kind = row.kind;
            r.transport = row.transport;
            r.source_ip = row.source_ip;
            r.method = row.method;
            r.status = row.status;
            r.hep_proto = row.hep_proto;
            const bool is_request = std::string_view(row.expected).ends_with(" 1");
            if (is_request) r.ruri = "sip:bob@example.com";
            const Layout layout = *layout_for(Schema::sipcapture, row.kind);
            CHECK(value_of(layout, "proto", r) + " " + value_of(layout, "family", r) + " " +
                      value_of(layout, "type", r) ==
                  row.expected);
        }
    }

    TEST_CASE("the correlation id is the Call-ID where there is no other") {
        record::Record r;
        r.callid = "a@example.com";
        CHECK(value_of(Layout::sip_capture, "correlation_id", r) == "a@example.com");
        r.correlation_id = "x";
        CHECK(value_of(Layout::report_capture, "correlation_id", r) == "x");
    }

    TEST_CASE("auth is empty and a report without payload stores its data") {
        record::Record r;
        r.auth_user = "alice";
        r.data.text = R"({"mos":4})";
        CHECK(value_of(Layout::sip_capture, "auth", r) == "absent");
        CHECK(value_of(Layout::report_capture, "msg", r) == R"({"mos":4})");
        r.msg = "payload";
        CHECK(value_of(Layout::report_capture, "msg", r) == "payload");
    }

    TEST_CASE("a record without uid gets one that depends on time, addresses, ports and payload") {
        record::Record r;
        r.micro_ts = 1'764'000'347'712'782;
        r.source_ip = "192.0.2.1";
        r.destination_ip = "2001:db8::1";
        r.source_port = 5060;
        r.destination_port = 5061;
        r.msg = "OPTIONS";
        const std::string uid = value_of(Layout::sip_capture, "uid", r);
        CHECK(uid.size() == 16);
        CHECK(uid.find_first_not_of("0123456789abcdef") == std::string::npos);
        CHECK(value_of(Layout::record, "uid", r) == uid);
        const auto changed = [&](auto change) {
            record::Record other = r;
            change(other);
            return value_of(Layout::sip_capture, "uid", other) != uid;
        };
        CHECK(changed([](record::Record& o) { o.micro_ts = 1'764'000'347'712'783; }));
        CHECK(changed([](record::Record& o) { o.source_ip = "192.0.2.2"; }));
        CHECK(changed([](record::Record& o) { o.destination_ip = "2001:db8::2"; }));
        CHECK(changed([](record::Record& o) { o.source_port = 1; }));
        CHECK(changed([](record::Record& o) { o.destination_port = 1; }));
        CHECK(changed([](record::Record& o) { o.msg = "OPTION"; }));
        r.uid = "0123456789abcdef";
        CHECK(value_of(Layout::sip_capture, "uid", r) == "0123456789abcdef");
    }
}
