#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <string>

#include "record/ndjson_writer.hpp"

using namespace hepcap;
using namespace hepcap::record;

namespace {

// The line that append_ndjson writes, through a real pipe.
std::string line_of(const Record& record, const FieldMask& mask = all_fields) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    {
        Output out(ends[1], "test");
        append_ndjson(out, record, mask);
        out.flush();
    }
    ::close(ends[1]);
    std::string text(1 << 16, '\0');
    const ssize_t size = ::read(ends[0], text.data(), text.size());
    ::close(ends[0]);
    text.resize(static_cast<std::size_t>(size));
    return text;
}

FieldMask only(std::string_view name) {
    FieldMask mask;
    mask.set(*find_field(name));
    return mask;
}

}  // namespace

TEST_SUITE("record") {
    TEST_CASE("keys stand in the order of the table and absent ones are left out") {
        Record r;
        r.msg = "x";
        r.callid = "c";
        r.v = 1;
        r.kind = kind::sip;
        CHECK(line_of(r) == "{\"v\":1,\"kind\":\"sip\",\"callid\":\"c\",\"msg\":\"x\"}\n");
    }

    TEST_CASE("every type of value is printed as JSON") {
        Record r;
        r.micro_ts = -5;
        r.hep_auth_ok = Boolean(false);
        r.mos = Real(4.25);
        r.encap = {"[\"ipip\"]"};
        CHECK(line_of(r) == "{\"micro_ts\":-5,\"encap\":[\"ipip\"],\"hep_auth_ok\":false,\"mos\":4.25}\n");
    }

    TEST_CASE("text that is no UTF-8 or holds a NUL becomes base64 under its key") {
        Record r;
        r.user_agent = "a\xff";
        r.msg = std::string_view("a\0b", 3);
        CHECK(line_of(r) == "{\"user_agent_b64\":\"Yf8=\",\"msg_b64\":\"YQBi\"}\n");
    }

    TEST_CASE("a mask leaves keys out, and a record of nothing is an empty object") {
        Record r;
        r.callid = "c";
        r.msg = "m";
        CHECK(line_of(r, only("msg")) == "{\"msg\":\"m\"}\n");
        CHECK(line_of(r, only("ruri")) == "{}\n");
    }

    TEST_CASE("zero is a value") {
        Record r;
        r.source_port = 0;
        CHECK(line_of(r) == "{\"source_port\":0}\n");
    }
}
