#include <doctest/doctest.h>

#include <string>

#include "record/from_hep.hpp"

using namespace hepcap;
using record::RecordBuilder;

namespace {

constexpr std::string_view options_request =
    "OPTIONS sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: "
    "<sip:a@example.com>;tag=1\r\n"
    "To: <sip:bob@example.com>\r\nCall-ID: call@example.com\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

hep::Message sniffed(std::string_view payload) {
    constexpr std::uint8_t source[] = {192, 0, 2, 1};
    constexpr std::uint8_t destination[] = {192, 0, 2, 2};
    hep::Message m;
    m.payload = as_bytes(payload);
    m.time = Timestamp::from_parts(1764950400, 949708123);
    m.has_time = true;
    m.transport = Transport::udp;
    m.source = {IpAddress::v4(source), 5060};
    m.destination = {IpAddress::v4(destination), 5070};
    m.origin = {"x.pcap", 7, 1234};
    return m;
}

hep::Message carried(std::string_view payload, std::uint8_t version, hep::ProtocolType type) {
    hep::Message m = sniffed(payload);
    m.version = version;
    m.protocol_type = type;
    m.has_protocol_type = version == 3;
    m.capture_agent_id = 2001;
    m.has_capture_agent_id = version > 1;
    m.has_time = version > 1;
    m.peer = m.source;
    return m;
}

}  // namespace

TEST_SUITE("record") {
    TEST_CASE("sniffed SIP has envelope, network and SIP keys, and none of HEP") {
        RecordBuilder builder({});
        const record::Record& r = builder.build(sniffed(options_request));
        CHECK(r.kind == "sip");
        CHECK(r.ts == "2025-12-05T16:00:00.949708Z");
        CHECK(r.micro_ts.value == 1764950400949708);
        CHECK(r.uid.size() == 16);
        CHECK(r.node == "homer01");
        CHECK(r.file == "x.pcap");
        CHECK(r.frame.value == 7);
        CHECK(r.offset.value == 1234);
        CHECK(r.source_ip == "192.0.2.1");
        CHECK(r.destination_port.value == 5070);
        CHECK(r.transport == "udp");
        CHECK(r.method == "OPTIONS");
        CHECK_FALSE(r.status.present());
        CHECK(r.callid == "call@example.com");
        CHECK(r.correlation_id == "call@example.com");
        CHECK(r.body_len.value == 0);
        CHECK(r.msg == options_request);
        CHECK_FALSE(r.hep_version.present());
        CHECK(r.hep_peer.empty());
        CHECK(r.parse.text.empty());
    }

    TEST_CASE("nine digits are printed where the source has nanoseconds") {
        RecordBuilder builder({});
        hep::Message m = sniffed(options_request);
        m.has_nanoseconds = true;
        CHECK(builder.build(m).ts == "2025-12-05T16:00:00.949708123Z");
    }

    TEST_CASE("times before 1970 and far away are printed as they are") {
        RecordBuilder builder({});
        hep::Message m = sniffed(options_request);
        m.time = Timestamp{-1};
        CHECK(builder.build(m).ts == "1969-12-31T23:59:59.999999Z");
        m.time = Timestamp::from_parts(4102444800, 0);
        CHECK(builder.build(m).ts == "2100-01-01T00:00:00.000000Z");
    }

    TEST_CASE("the node names the agent where HEP brought a time") {
        record::BuilderOptions options;
        options.node = "edge";
        RecordBuilder builder(std::move(options));
        CHECK(builder.build(carried(options_request, 3, hep::ProtocolType::sip)).node == "edge:2001");
        CHECK(builder.build(carried(options_request, 2, hep::ProtocolType::sip)).node == "edge:2001");
        CHECK(builder.build(carried(options_request, 1, hep::ProtocolType::sip)).node == "edge");
        hep::Message m = carried(options_request, 3, hep::ProtocolType::sip);
        m.capture_agent_id = 7;
        CHECK(builder.build(m).node == "edge:7");
        m.has_time = false;
        CHECK(builder.build(m).node == "edge");
    }

    TEST_CASE("a chunk's correlation id stands before the Call-ID") {
        RecordBuilder builder({});
        hep::Message m = carried(options_request, 3, hep::ProtocolType::sip);
        m.correlation_id = "other";
        CHECK(builder.build(m).correlation_id == "other");
    }

    TEST_CASE("the payload type decides the kind, and SIP must look like SIP") {
        struct Row {
            hep::ProtocolType type;
            std::string_view payload;
            std::string_view kind;
        };
        const Row rows[] = {
            {hep::ProtocolType::sip, options_request, "sip"},
            {hep::ProtocolType::sip, "\r\n\r\n", "hep"},
            {hep::ProtocolType::rtcp_json, "{}", "rtcp"},
            {hep::ProtocolType::qos_json, "{}", "report"},
            {hep::ProtocolType::mos_full, "{}", "report"},
            {hep::ProtocolType::mos_short, "x", "report"},
            {hep::ProtocolType::vq_report, "x", "report"},
            {hep::ProtocolType::log, "text", "log"},
            {static_cast<hep::ProtocolType>(61), "d1:x", "hep"},
        };
        RecordBuilder builder({});
        for (const Row& row : rows) {
            CAPTURE(static_cast<int>(row.type));
            CHECK(builder.build(carried(row.payload, 3, row.type)).kind == row.kind);
        }
    }

    TEST_CASE("RTCP without a payload is broken JSON") {
        hep::Message m;
        m.version = 3;
        m.protocol_type = hep::ProtocolType::rtcp_json;
        RecordBuilder builder{{}};
        const record::Record& r = builder.build(m);
        CHECK(r.kind == "rtcp");
        CHECK(r.parse.text == R"(["bad-json"])");
    }

    TEST_CASE("RTCP as JSON gives its reports, broken JSON a word in parse") {
        RecordBuilder builder({});
        const record::Record& r = builder.build(carried(
            R"({"ssrc":5,"type":200,"report_blocks":[{"source_ssrc":9,"fraction_lost":3,"packets_lost":2,)"
            R"("highest_seq_no":912,"ia_jitter":11}],)"
            R"("report_blocks_xr":{"type":7,"id":9,"round_trip_delay":40}})",
            3, hep::ProtocolType::rtcp_json));
        CHECK(r.ssrc.value == 5);
        CHECK(r.packet_type.value == 200);
        CHECK(r.reports.text ==
              R"([{"ssrc":9,"fraction_lost":3,"lost":2,"highest_seq":912,"jitter":11,"rtt_ms":40}])");
        CHECK(builder.build(carried("{\"ssrc\":", 3, hep::ProtocolType::rtcp_json)).parse.text ==
              "[\"bad-json\"]");
    }

    TEST_CASE("chunks without a key are kept as hex, the last of repeated ones") {
        RecordBuilder builder({});
        hep::Message m = carried(options_request, 3, hep::ProtocolType::sip);
        constexpr std::uint8_t octets[] = {0xde, 0xad};
        m.extra = {{8, 1, Bytes(octets, 1)}, {0, 101, Bytes(octets, 2)}, {8, 1, Bytes(octets, 2)}};
        CHECK(builder.build(m).hep_extra.text == R"({"0:101":"dead","8:1":"dead"})");
    }

    TEST_CASE("the peer of HEP is an address with a port, IPv6 in brackets") {
        RecordBuilder builder({});
        hep::Message m = carried(options_request, 3, hep::ProtocolType::sip);
        CHECK(builder.build(m).hep_peer == "192.0.2.1:5060");
        constexpr std::uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        m.peer = {IpAddress::v6(v6), 9060};
        CHECK(builder.build(m).hep_peer == "[2001:db8::1]:9060");
    }

    TEST_CASE("layers are listed outermost first") {
        RecordBuilder builder({});
        hep::Message m = sniffed(options_request);
        m.encap.push({capture::LayerKind::vlan, 100, true});
        m.encap.push({capture::LayerKind::ipip, 0, false});
        CHECK(builder.build(m).encap.text == R"(["vlan:100","ipip"])");
    }

    TEST_CASE("the same packet has the same uid, any difference another") {
        RecordBuilder builder({});
        const std::string first(builder.build(sniffed(options_request)).uid);
        hep::Message m = sniffed(options_request);
        m.origin = {"other.pcap", 1, 24};
        CHECK(builder.build(m).uid == first);
        m.time.ns += 1000;
        CHECK(builder.build(m).uid != first);
        m = sniffed(options_request);
        std::swap(m.source, m.destination);
        CHECK(builder.build(m).uid != first);
        m = sniffed(options_request.substr(1));
        CHECK(builder.build(m).uid != first);
    }

    TEST_CASE("with a key, masked Call-ID, URIs and Via come out plain, the payload stays") {
        record::BuilderOptions options;
        options.topoh.emplace("aL9.n8~Hm]Z", "!!:");
        RecordBuilder builder(std::move(options));
        std::string masked(options_request);
        masked.replace(masked.find("call@example.com"), 16, "!!:3ReB");
        const record::Record& r = builder.build(sniffed(masked));
        CHECK(r.callid == "abc");
        CHECK(r.correlation_id == "abc");
        CHECK(r.msg == masked);
        CHECK(r.parse.text.empty());
        masked.replace(masked.find("!!:3ReB"), 7, "!!:yyyy");
        CHECK(builder.build(sniffed(masked)).callid == "!!:yyyy");
        CHECK(builder.build(sniffed(masked)).parse.text == "[\"still-masked\"]");
    }

    TEST_CASE("headers are listed with their octets, those that are no UTF-8 as Latin-1") {
        record::BuilderOptions options;
        options.with_headers = true;
        RecordBuilder builder(std::move(options));
        std::string text(options_request);
        text.insert(text.find("Content-Length"), "X-Name: \xfc\"\r\n");
        const record::Record& r = builder.build(sniffed(text));
        CHECK(r.headers.text.find("[\"X-Name\",\"\xc3\xbc\\u0022\"]") != std::string_view::npos);
        CHECK(r.headers.text.starts_with(R"([["Via","SIP/2.0/UDP)"));
    }

    TEST_CASE("a rejected packet is kept whole with its cause") {
        RecordBuilder builder({});
        capture::Packet packet;
        packet.time = Timestamp::from_parts(1, 0);
        packet.data = as_bytes("\xff\x01");
        packet.origin = {"x.pcap", 3, 99};
        const record::Record& r = builder.build_reject(packet, "bad-ip-length");
        CHECK(r.kind == "packet");
        CHECK(r.parse.text == "[\"bad-ip-length\"]");
        CHECK(r.frame.value == 3);
        CHECK(r.msg == "\xff\x01");
    }
}
