#include "sink/homer7_row.hpp"

#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>

using namespace hepcap;
using namespace hepcap::sink;

namespace {

using Json = nlohmann::json;

record::Record invite() {
    record::Record r;
    r.kind = "sip";
    r.micro_ts = 1'750'000'000'123'456;
    r.source_ip = "192.0.2.1";
    r.source_port = 5060;
    r.destination_ip = "192.0.2.2";
    r.destination_port = 5070;
    r.transport = "udp";
    r.hep_agent_id = 2001;
    r.method = "INVITE";
    r.cseq = "1 INVITE";
    r.cseq_method = "INVITE";
    r.callid = "a@example.com";
    r.from_user = "alice \"\\ \t";
    r.msg = "INVITE";
    return r;
}

}  // namespace

TEST_SUITE("sink") {
    TEST_CASE("a record goes to the table of Homer 7 that its method or its HEP type says") {
        struct Row {
            const char* kind;
            const char* method;
            int type;
            const char* table;
        };
        constexpr std::array rows{
            Row{"sip", "INVITE", 1, "hep_proto_1_call"},
            Row{"sip", "NOTIFY", 1, "hep_proto_1_call"},
            Row{"sip", "REGISTER", 1, "hep_proto_1_registration"},
            Row{"sip", "OPTIONS", 1, "hep_proto_1_default"},
            Row{"sip", "", 1, "hep_proto_1_default"},
            Row{"rtcp", "", 5, "hep_proto_5_default"},
            Row{"report", "", 35, "hep_proto_35_default"},
            Row{"report", "", 34, "hep_proto_35_default"},
            Row{"log", "", 100, "hep_proto_100_default"},
            Row{"hep", "", 53, "hep_proto_53_default"},
            Row{"hep", "", 54, "hep_proto_54_default"},
            Row{"hep", "", 77, "hep_proto_35_default"},
        };
        for (const Row& row : rows) {
            CAPTURE(row.table);
            record::Record r;
            r.kind = row.kind;
            r.cseq_method = row.method;
            r.hep_proto = row.type;
            CHECK(homer7_table(r) == row.table);
        }
    }

    TEST_CASE("the headers of Homer 7 have exactly the types that homer-app asserts") {
        Homer7Row row;
        row.make(invite());
        const Json header = Json::parse(row.protocol_header());
        for (const char* key : {"protocolFamily", "protocol", "srcPort", "dstPort", "timeSeconds",
                                "timeUseconds", "payloadType"}) {
            CAPTURE(key);
            CHECK(header.at(key).is_number_integer());
        }
        for (const char* key : {"srcIp", "dstIp", "captureId", "correlation_id"})
            CHECK(header.at(key).is_string());
        CHECK(header.size() == 11);
        CHECK(header.at("captureId") == "2001");
        CHECK(header.at("timeSeconds") == 1'750'000'000);
        CHECK(header.at("timeUseconds") == 123'456);
        const Json data = Json::parse(row.data_header());
        for (const auto& [key, value] : data.items()) {
            CAPTURE(key);
            CHECK(value.is_string());
        }
        CHECK(data.at("from_user") == "alice \"\\ \t");
        CHECK(data.at("user_agent") == "");
        CHECK(row.sid() == "a@example.com");
        CHECK(row.create_date() == "2025-06-15 15:06:40.123456");
    }

    TEST_CASE("a header string longer than an index takes is cut, and counted by its key") {
        Homer7Row row;
        record::Record r = invite();
        const std::string octets(5'000, '\x80');
        r.user_agent = octets;
        row.make(r);
        REQUIRE(row.cut().size() == 1);
        CHECK(row.cut()[0].name == "user_agent");
        CHECK(row.data_header().size() < 1'500);
    }

    TEST_CASE("an ISUP message is known by its point codes and circuit, in both directions alike") {
        Homer7Row row;
        record::Record r;
        r.kind = "hep";
        r.hep_proto = 54;
        r.msg = R"({"cic":7,"opc":300,"dpc":20,"msg_name":"IAM",)"
                R"("called_number":{"num":"4930"},"calling_number":"49"})";
        row.make(r);
        CHECK(row.sid() == "20:300:7");
        const Json data = Json::parse(row.data_header());
        CHECK(data.at("opc") == 300);
        CHECK(data.at("called_number") == "4930");
        CHECK(data.at("calling_number") == "49");
        r.msg = "no JSON";
        row.make(r);
        CHECK(row.sid() == "0:0:0");
    }

    TEST_CASE("a time before 1970 or of five digits still makes a text that sorts") {
        Homer7Row row;
        record::Record r = invite();
        r.micro_ts = -1;
        row.make(r);
        CHECK(row.create_date() == "1969-12-31 23:59:59.999999");
        r.micro_ts = std::numeric_limits<std::int64_t>::max();
        row.make(r);
        CHECK(row.create_date().size() == 26);
    }
}
