#include "report/capture.hpp"

#include <doctest/doctest.h>

#include <string>

#include "record/extra_member.hpp"

using namespace hepcap;
using namespace hepcap::report;

namespace {

record::Record report_of(std::string_view msg) {
    record::Record r;
    r.kind = record::kind::report;
    r.uid = "00000000000000a1";
    r.micro_ts = 1'764'000'000'000'000;
    r.callid = "call";
    r.msg = msg;
    return r;
}

}  // namespace

TEST_CASE("JSON nested without end is passed on and not looked into") {
    const std::string deep = R"({"mos":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
    Capture capture({});
    const record::Record* const made = capture.make(report_of(deep));
    REQUIRE(made != nullptr);
    CHECK(made->data.text.empty());
    CHECK(made->msg == deep);
}

TEST_CASE("numbers that are none are not lifted") {
    Capture capture({});
    for (const char* const json :
         {R"({"mos":"good"})", R"({"mos":[4]})", R"({"mos":null})", R"({"mos":"1e999"})"}) {
        const record::Record* const made = capture.make(report_of(json));
        REQUIRE(made != nullptr);
        CHECK(!made->mos.present());
    }
    const record::Record* const made = capture.make(report_of(R"({"lost":1e300,"rtt_ms":"12.5"})"));
    CHECK(!made->lost.present());
    CHECK(made->rtt_ms.value == 12.5);
}

TEST_CASE("the identity of a report follows its source, its data and nothing else") {
    Capture one({.table = {}, .cid = {}, .data = R"({"a":1})"});
    Capture other({.table = {}, .cid = {}, .data = R"({"a":2})"});
    const std::string first(one.make(report_of("x"))->uid);
    CHECK(one.make(report_of("x"))->uid == first);
    CHECK(one.make(report_of("y"))->uid != first);
    CHECK(other.make(report_of("x"))->uid != first);
    CHECK(Capture({}).make(report_of("x"))->uid == "00000000000000a1");
}

TEST_CASE("a published report is read line by line, and what is no line is passed over") {
    const Data data =
        parse_vq_report("VQIntervalReport\r\nLocalMetrics:\r\nA:B=1 C=\"x y\" D\r\n:none\r\nE: f\r\n");
    CHECK(data.dump() == R"({"LocalMetrics":{"A":{"B":"1","C":"x y"},"E":"f"}})");
    CHECK(parse_vq_report("").empty());
}

TEST_CASE("a member among those without a key is found and replaced, whatever stands beside it") {
    const record::Json extra{R"({"a":{"table":"no"},"t\"":[1,"}",{}],"table":"yes","z":-1})"};
    CHECK(record::extra_text(extra, "table") == "yes");
    CHECK(!record::extra_text(extra, "a"));
    CHECK(!record::extra_text({""}, "table"));
    CHECK(record::with_extra_text(extra, "table", "q\"") ==
          R"({"table":"q\"","a":{"table":"no"},"t\"":[1,"}",{}],"z":-1})");
    CHECK(record::with_extra_text({""}, "table", "x") == R"({"table":"x"})");
}
