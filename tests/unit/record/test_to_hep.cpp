#include "record/to_hep.hpp"

#include <doctest/doctest.h>

#include <string>

#include "hep/decode.hpp"
#include "hep/encode.hpp"
#include "record/from_hep.hpp"

using namespace hepcap;
using record::MessageBuilder;
using record::Record;
using record::Unsendable;

namespace {

constexpr std::string_view bye =
    "BYE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: "
    "<sip:a@example.com>;tag=1\r\nTo: <sip:bob@example.com>;tag=2\r\nCall-ID: call@example.com\r\n"
    "CSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n";

Record sip_record() {
    Record r;
    r.v = 1;
    r.kind = record::kind::sip;
    r.micro_ts = 1'764'950'400'949'708;
    r.source_ip = "192.0.2.1";
    r.source_port = 5060;
    r.destination_ip = "192.0.2.2";
    r.destination_port = 5070;
    r.transport = "udp";
    r.callid = "call@example.com";
    r.correlation_id = "call@example.com";
    r.msg = bye;
    return r;
}

std::string refusal(const Record& r) {
    MessageBuilder builder;
    hep::Message m;
    const auto cause = builder.build(r, m);
    return cause ? std::string(name(*cause)) : "";
}

hep::Message built(const Record& r, MessageBuilder& builder) {
    hep::Message m;
    REQUIRE_FALSE(builder.build(r, m));
    return m;
}

// The message as its receiver builds a record of it; what it points into stays here.
struct Received {
    MessageBuilder builder;
    std::vector<std::uint8_t> octets;
    hep::Decoder decoder;
    hep::Message message;
    record::RecordBuilder records{{}};
    Record record;

    explicit Received(const Record& r) {
        REQUIRE(hep::encode_v3(built(r, builder), octets));
        capture::Datagram carrier;
        carrier.time = Timestamp::from_parts(1'764'950'401, 0);
        REQUIRE(decoder.decode(octets, carrier, message));
        record = records.build(message);
    }
};

}  // namespace

TEST_SUITE("record") {
    TEST_CASE("a record becomes the message that it was made of") {
        MessageBuilder builder;
        const Record r = sip_record();
        const hep::Message m = built(r, builder);
        CHECK(m.version == 3);
        CHECK(m.has_time);
        CHECK(m.time == Timestamp::from_parts(1'764'950'400, 949'708'000));
        CHECK(m.source.address.to_text() == "192.0.2.1");
        CHECK(m.destination.port == 5070);
        CHECK(m.transport == Transport::udp);
        CHECK(m.has_protocol_type);
        CHECK(m.protocol_type == hep::ProtocolType::sip);
        CHECK_FALSE(m.has_capture_agent_id);
        CHECK(m.correlation_id.empty());
        CHECK(as_text(m.payload) == bye);
    }

    TEST_CASE("the correlation id travels only where it is not the Call-ID") {
        MessageBuilder builder;
        Record r = sip_record();
        r.correlation_id = "other-leg";
        CHECK(built(r, builder).correlation_id == "other-leg");
        r.kind = record::kind::log;
        r.correlation_id = "call@example.com";
        CHECK(built(r, builder).correlation_id == "call@example.com");
    }

    TEST_CASE("what HEP brought goes back into HEP, chunks without a key of their own included") {
        MessageBuilder builder;
        Record r = sip_record();
        r.hep_agent_id = 4'294'967'295;
        r.hep_proto = 1;
        r.hep_node = "edge-7";
        r.hep_vlan = 4094;
        r.hep_extra = {R"({"8:1":"a1B2", "0:36":"63616c6c","65535:65535":""})"};
        const hep::Message m = built(r, builder);
        CHECK(m.capture_agent_id == 4'294'967'295);
        CHECK(m.capture_agent_name == "edge-7");
        CHECK(m.vlan == 4094);
        REQUIRE(m.extra.size() == 3);
        CHECK(m.extra[0].vendor_id == 8);
        CHECK(m.extra[0].type_id == 1);
        CHECK(as_text(m.extra[0].value) == "\xa1\xb2");
        CHECK(as_text(m.extra[1].value) == "call");
        CHECK(m.extra[2].value.empty());
    }

    TEST_CASE("of a sniffed message the innermost VLAN travels") {
        MessageBuilder builder;
        Record r = sip_record();
        r.encap = {R"(["vlan:7","vlan:100","ipip"])"};
        CHECK(built(r, builder).vlan == 100);
        r.encap = {R"(["ipip"])"};
        CHECK_FALSE(built(r, builder).has_vlan);
        r.encap = {R"(["vlan:99999"])"};
        CHECK_FALSE(built(r, builder).has_vlan);
    }

    TEST_CASE("a kind that says no protocol type has its usual one, and every message has one") {
        struct Row {
            std::string_view kind;
            std::string_view msg;
            unsigned type;
        };
        const Row rows[] = {{"sip", bye, 1},
                            {"rtcp", "{}", 5},
                            {"log", "x", 100},
                            {"hep", "x", 0},
                            {"report", "{\"MOS\":1}", 34},
                            {"report", "VQ", 35}};
        MessageBuilder builder;
        for (const Row& row : rows) {
            CAPTURE(row.kind);
            Record r = sip_record();
            r.kind = row.kind;
            r.msg = row.msg;
            const hep::Message m = built(r, builder);
            CHECK(m.has_protocol_type);
            CHECK(static_cast<unsigned>(m.protocol_type) == row.type);
        }
        Record r = sip_record();
        r.kind = record::kind::hep;
        r.hep_proto = 61;
        CHECK(static_cast<unsigned>(built(r, builder).protocol_type) == 61);
    }

    TEST_CASE("what is no message, or lacks its payload, is refused by cause") {
        Record r = sip_record();
        r.kind = record::kind::eof;
        CHECK(refusal(r) == "other-kind");
        r.kind = "call";
        CHECK(refusal(r) == "other-kind");
        r = sip_record();
        r.msg = {};
        CHECK(refusal(r) == "no-msg");
        r.kind = record::kind::hep;
        r.parse = {R"(["no-payload"])"};
        CHECK(refusal(r) == "");
    }

    TEST_CASE("numbers beyond their range, and addresses that are none, are refused") {
        for (const std::int64_t port : {std::int64_t{-1}, std::int64_t{65536}, std::int64_t{1} << 40}) {
            Record r = sip_record();
            r.source_port = port;
            CHECK(refusal(r) == "bad-number");
            r = sip_record();
            r.destination_port = port;
            CHECK(refusal(r) == "bad-number");
            r = sip_record();
            r.hep_vlan = port;
            CHECK(refusal(r) == "bad-number");
        }
        Record r = sip_record();
        r.hep_proto = 256;
        CHECK(refusal(r) == "bad-number");
        r = sip_record();
        r.hep_agent_id = std::int64_t{1} << 32;
        CHECK(refusal(r) == "bad-number");
        r = sip_record();
        r.source_ip = "192.0.2.256";
        CHECK(refusal(r) == "bad-address");
        r = sip_record();
        r.source_ip = {};
        CHECK(refusal(r) == "");
    }

    TEST_CASE("hep_extra of another form, or with a chunk that another key speaks for, is refused") {
        for (const std::string_view extra :
             {R"([])", R"({"8:1":1})", R"({"8":"00"})", R"({"8:":"00"})", R"({"8:x":"00"})", R"({"8:1":"0"})",
              R"({"8:1":"0g"})", R"({"8:70000":"00"})", R"({"8:1":"00"} x)", R"({"8:1":"00",})",
              R"({"0:0":"00"})", R"({"0:1":"02"})", R"({"0:14":"00"})", R"({"0:15":"00"})",
              R"({"0:19":"00"})", R"({"-8:1":"00"})", R"({"8\u003a1":"00"})"}) {
            CAPTURE(extra);
            Record r = sip_record();
            r.hep_extra = {extra};
            CHECK(refusal(r) == "bad-hep-extra");
        }
        for (const std::string_view extra :
             {R"({})", R"({ "8:1" : "00" })", R"({"0:13":"0001"})", R"({"0:20":""})"}) {
            CAPTURE(extra);
            Record r = sip_record();
            r.hep_extra = {extra};
            CHECK(refusal(r) == "");
        }
    }

    TEST_CASE("a record received is the record that was sent") {
        Record r = sip_record();
        r.hep_agent_id = 2001;
        r.hep_node = "edge";
        r.hep_vlan = 7;
        r.hep_extra = {R"({"8:1":"a1b2","0:36":"63616c6c"})"};
        r.correlation_id = "other";
        const Received there(r);
        CHECK(there.record.kind == "sip");
        CHECK(there.record.micro_ts.value == r.micro_ts.value);
        CHECK(there.record.source_ip == r.source_ip);
        CHECK(there.record.destination_port.value == 5070);
        CHECK(there.record.hep_agent_id.value == 2001);
        CHECK(there.record.hep_node == "edge");
        CHECK(there.record.hep_vlan.value == 7);
        CHECK(there.record.hep_extra.text == r.hep_extra.text);
        CHECK(there.record.correlation_id == "other");
        CHECK(there.record.callid == "call@example.com");
        CHECK(there.record.parse.text.empty());
        CHECK(there.record.msg == bye);
        // And again: sent on, it stays what it is, uid included.
        const Received further(there.record);
        CHECK(further.record.uid == there.record.uid);
        CHECK(further.record.hep_extra.text == there.record.hep_extra.text);
    }

    TEST_CASE("a sniffed record is still one where it was received") {
        Record r = sip_record();
        r.ts = "2025-12-05T16:00:00.949708123Z";
        r.transport = "wss";
        r.encap = {R"(["vlan:7","vlan:100","ipip"])"};
        r.copies = 2;
        r.parse = {R"(["truncated"])"};
        const Received there(r);
        CHECK(there.record.ts == r.ts);
        CHECK(there.record.micro_ts.value == r.micro_ts.value);
        CHECK(there.record.transport == "wss");
        CHECK(there.record.encap.text == r.encap.text);
        CHECK(there.record.copies.value == 2);
        CHECK(there.record.parse.text == r.parse.text);
        CHECK_FALSE(there.record.hep_version.present());
        CHECK_FALSE(there.record.hep_proto.present());
        CHECK_FALSE(there.record.hep_vlan.present());
        CHECK_FALSE(there.record.hep_agent_id.present());
        CHECK(there.record.hep_extra.text.empty());
    }

    TEST_CASE("a record of HEP2 says so where it was received, and what was wrong with it") {
        Record r = sip_record();
        r.hep_version = 2;
        r.hep_agent_id = 2001;
        r.parse = {R"(["no-padding","big-endian-time"])"};
        const Received there(r);
        CHECK(there.record.hep_version.value == 2);
        CHECK(there.record.hep_agent_id.value == 2001);
        CHECK_FALSE(there.record.hep_proto.present());
        CHECK(there.record.parse.text == r.parse.text);
        r.hep_version = 4;
        CHECK_FALSE(Received(r).message.carried);
        r.hep_version = 256;
        CHECK(refusal(r) == "bad-number");
    }

    TEST_CASE("a transport that is not known is said, so that no collector misses it") {
        Record r = sip_record();
        r.hep_version = 3;
        r.hep_proto = 1;
        r.transport = {};
        const Received there(r);
        CHECK(there.record.transport.empty());
        CHECK(there.record.parse.text == R"(["unknown-ip-protocol"])");
    }
}
