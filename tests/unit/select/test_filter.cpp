#include "select/filter.hpp"

#include <doctest/doctest.h>

#include <string>

using hepcap::record::Boolean;
using hepcap::record::Integer;
using hepcap::record::Real;
using hepcap::record::Record;
using hepcap::select::Filter;

namespace {

bool matches(std::string_view expression, const Record& record) {
    return Filter::parse(expression).matches(record);
}

// A request as it comes out of decoding; `status`, `to_tag` and all of RTCP are absent.
Record register_request() {
    Record record;
    record.v = 1;
    record.kind = "sip";
    record.ts = "2025-12-05T16:00:00.949708Z";
    record.micro_ts = 1'764'950'400'949'708;
    record.source_ip = "192.0.2.17";
    record.source_port = 5060;
    record.destination_ip = "2001:db8::5";
    record.destination_port = 5061;
    record.transport = "udp";
    record.encap.text = R"(["vlan:100","ipip"])";
    record.hep_auth_ok = Boolean(false);
    record.method = "REGISTER";
    record.callid = "a84b4c76e66710@pc33.example.org";
    record.from_user = "0049301234678";
    record.contact_ip = "phone.example.org";
    record.codecs.text = R"(["PCMA","telephone-event", "G722"])";
    record.headers.text = R"([["To","<sip:bob@example.org>"]])";
    record.mos = Real(4.25);
    record.msg = "REGISTER sip:example.org SIP/2.0\r\nTo: Bob\r\n";
    return record;
}

Record busy_reply() {
    Record record;
    record.kind = "sip";
    record.method = "486";
    record.status = 486;
    return record;
}

struct Row {
    std::string_view expression;
    bool expected;
};

void check(const Record& record, std::initializer_list<Row> rows) {
    for (const Row& row : rows) {
        CAPTURE(row.expression);
        CHECK(matches(row.expression, record) == row.expected);
    }
}

}  // namespace

TEST_SUITE_BEGIN("select");

TEST_CASE("text is compared octet by octet") {
    check(register_request(), {
                                  {R"(method == "REGISTER")", true},
                                  {R"(method == 'REGISTER')", true},
                                  {R"(method == "register")", false},
                                  {R"(method != "INVITE")", true},
                                  {R"(method != "REGISTER")", false},
                                  {R"(method < "S")", true},
                                  {R"(method >= "REGISTER")", true},
                                  {R"(method > "REGISTER")", false},
                                  {R"(ts >= "2025-12-05" and ts < "2025-12-06")", true},
                                  {R"(from_user == "a\"b")", false},
                              });
}

TEST_CASE("octets from 0x80 on are greater than all of ASCII") {
    Record record;
    record.from_name = "\xc3\x96zg\xc3\xbcr";
    check(record, {{R"(from_name > "zzz")", true}, {R"(from_name < "zzz")", false}});
}

TEST_CASE("numbers are compared by value") {
    check(register_request(), {
                                  {"source_port == 5060", true},
                                  {"source_port == 5060.0", true},
                                  {"source_port == 0x13c4", true},
                                  {"source_port == \"5060\"", true},
                                  {"source_port != 5060", false},
                                  {"source_port < 5060.5", true},
                                  {"source_port >= 5061", false},
                                  {"source_port > -1", true},
                                  {"source_port < 99999999999999999999", true},
                                  {"mos > 4", true},
                                  {"mos == 4.25", true},
                                  {"mos < 4.25", false},
                                  {"micro_ts == 1764950400949708", true},
                                  {"micro_ts == 1764950400949709", false},
                              });
}

TEST_CASE("a number beside a text key is its spelling for equality and its value for order") {
    check(busy_reply(), {
                            {"method == 486", true},
                            {"method == 0486", false},
                            {"method == 486.0", false},
                            {"method != 487", true},
                            {"method >= 400 and method < 500", true},
                            {"method > 485.5", true},
                            {"method in {404, 486}", true},
                            {"method in {400..499}", true},
                            {"method in {500..599, 480}", false},
                        });
    check(register_request(), {
                                  {"method >= 400", false},
                                  {"method != 486", true},
                                  {"from_user == 0049301234678", true},
                                  {"from_user == 49301234678", false},
                                  {"from_user > 49301234677", true},
                              });
    Record long_number;
    long_number.from_user = "99999999999999999999999";
    check(long_number, {{"from_user > 9223372036854775807", true},
                        {"from_user > 99999999999999999999", true},
                        {"from_user < 999999999999999999999999999", true}});
}

TEST_CASE("of an absent key every test is false, and its negation true") {
    check(register_request(), {
                                  {"status", false},
                                  {"status == 200", false},
                                  {"status != 200", false},
                                  {"status < 200", false},
                                  {"status in {200}", false},
                                  {"not (status == 200)", true},
                                  {R"(to_tag ~ "")", false},
                                  {R"(to_tag !~ "x")", false},
                                  {R"(to_tag != "x")", false},
                                  {R"(parse != "no-cseq")", false},
                                  {"rtt_ms < 5", false},
                                  {"not status", true},
                              });
}

TEST_CASE("a key alone asks whether it is there, whatever its value") {
    check(register_request(), {
                                  {"callid", true},
                                  {"hep_auth_ok", true},
                                  {"encap", true},
                                  {"mos", true},
                                  {"source_port", true},
                                  {"parse", false},
                                  {"hep_version", false},
                              });
}

TEST_CASE("truth is compared with true and false") {
    check(register_request(), {{"hep_auth_ok == false", true},
                               {"hep_auth_ok == true", false},
                               {"hep_auth_ok != true", true},
                               {"hep_auth_ok in {true, false}", true}});
}

TEST_CASE("address keys are compared as addresses and take networks") {
    check(register_request(), {
                                  {R"(source_ip == "192.0.2.17")", true},
                                  {R"(source_ip == "192.0.2.0/24")", true},
                                  {R"(source_ip != "192.0.2.0/24")", false},
                                  {R"(source_ip != "198.51.100.0/24")", true},
                                  {R"(source_ip in {"198.51.100.0/24", "192.0.2.16/30"})", true},
                                  {R"(source_ip in {"198.51.100.0/24", "192.0.2.18"})", false},
                                  {R"(source_ip > "192.0.2.9")", true},
                                  {R"(source_ip < "2001:db8::1")", false},
                                  {R"(destination_ip == "2001:DB8:0::5")", true},
                                  {R"(destination_ip == "2001:db8::/32")", true},
                                  {R"(destination_ip == "0.0.0.0/0")", false},
                                  {R"(source_ip ~ "^192[.]0")", true},
                              });
}

TEST_CASE("a host name in an address key is text and lies in no network") {
    check(register_request(), {
                                  {R"(contact_ip == "phone.example.org")", true},
                                  {R"(contact_ip == "192.0.2.1")", false},
                                  {R"(contact_ip == "0.0.0.0/0")", false},
                                  {R"(contact_ip != "0.0.0.0/0")", true},
                                  {R"(contact_ip < "q")", true},
                              });
    Record record;
    record.contact_ip = "[2001:db8::7]";
    check(record, {{R"(contact_ip == "2001:db8::7")", true}, {R"(contact_ip in {"2001:db8::/64"})", true}});
}

TEST_CASE("patterns search anywhere unless they are anchored") {
    check(register_request(), {
                                  {R"(from_user ~ "678$")", true},
                                  {R"(from_user ~ "30")", true},
                                  {R"(from_user ~ "^30")", false},
                                  {R"(from_user !~ "^30")", true},
                                  {R"(from_user ~ "^\d+$")", true},
                                  {R"(from_user ~ "^\\d+$")", true},
                                  {R"(callid ~ "(?i)PC33\.EXAMPLE")", true},
                                  {R"(msg ~ "To: Bob")", true},
                                  {R"(msg ~ "SIP/2.0\r\nTo")", true},
                                  {R"(msg ~ "REGISTER.*Bob")", false},
                                  {R"(msg ~ "(?s)REGISTER.*Bob")", true},
                                  {R"(source_port ~ "^50")", true},
                                  {R"(mos ~ "^4.25$")", true},
                                  {R"(headers ~ "bob@example")", true},
                              });
}

TEST_CASE("a text may hold NUL and octets that are no UTF-8") {
    Record record;
    const std::string text("a\0b\xff z", 6);
    record.msg = text;
    check(record, {{R"(msg ~ "z$")", true}, {R"(msg ~ "^a.b\C z$")", true}, {R"(msg ~ "b. z")", false}});
}

TEST_CASE("a list passes when one of its elements does") {
    check(register_request(), {
                                  {R"(encap == "ipip")", true},
                                  {R"(encap == "vlan:100")", true},
                                  {R"(encap == "vlan")", false},
                                  {R"(encap != "gre")", true},
                                  {R"(encap != "ipip")", false},
                                  {R"(encap ~ "^vlan:")", true},
                                  {R"(encap ~ "^100")", false},
                                  {R"(encap !~ "^vlan:")", false},
                                  {R"(codecs in {"G722", "opus"})", true},
                                  {R"(codecs in {"opus"})", false},
                                  {R"(codecs == "telephone-event")", true},
                              });
}

TEST_CASE("list elements are compared without their JSON escapes") {
    Record record;
    record.codecs.text = R"(["a\"b\\c","\u00e9\ud83d\ude00","\n\/"])";
    check(record, {{R"(codecs == "a\"b\\c")", true},
                   {"codecs == \"\xc3\xa9\xf0\x9f\x98\x80\"", true},
                   {R"(codecs == "\n/")", true}});
}

TEST_CASE("a long set of texts is searched as well as a short one") {
    std::string expression = "callid in {";
    for (int i = 0; i < 3000; ++i) expression += "\"call" + std::to_string(i * 7919 % 3000) + "\", ";
    expression += "\"call0\"}";
    const Filter filter = Filter::parse(expression);
    Record record;
    record.callid = "call2999";
    CHECK(filter.matches(record));
    record.callid = "call3000";
    CHECK(!filter.matches(record));
    record.callid = "call";
    CHECK(!filter.matches(record));
}

TEST_CASE("not binds closer than and, and closer than or") {
    // v and kind are there, status and to_tag are not.
    check(register_request(), {
                                  {"v or status and status", true},
                                  {"(v or status) and status", false},
                                  {"not status and v", true},
                                  {"not (status and v)", true},
                                  {"not v or v", true},
                                  {"not (v or v)", false},
                                  {"not not v", true},
                                  {"!status && !(to_tag || status)", true},
                                  {"status or to_tag or kind", true},
                                  {"v and kind and status", false},
                                  {"status and v or kind and not to_tag", true},
                                  {"status or (v and (to_tag or (kind)))", true},
                              });
}

TEST_CASE("the plain form of a filter is the same filter") {
    struct Form {
        std::string_view expression, plain;
    };
    const Form forms[] = {
        {"((method=='INVITE'))", R"(method == "INVITE")"},
        {"!status||v&&kind", "not status or v and kind"},
        {"(v or kind)and(status)", "(v or kind) and status"},
        {"not(v and kind)", "not (v and kind)"},
        {"v and (kind and status)", "v and (kind and status)"},
        {"status in{200,300..399 ,486}", "status in {200, 300..399, 486}"},
        {R"(callid in {"b","a","b"})", R"(callid in {"a", "b"})"},
        {R"(from_user !~ '"\d\\\\')", R"(from_user !~ "\"\\d\\\\")"},
        {"method == 0200", "method == 0200"},
        {"source_ip=='10.0.0.1/8'", R"(source_ip == "10.0.0.1/8")"},
        {"hep_auth_ok!=true", "hep_auth_ok != true"},
        {"msg ~ \"a\\n\\tb\"", R"(msg ~ "a\n\tb")"},
    };
    for (const Form& form : forms) {
        CAPTURE(form.expression);
        const std::string plain = Filter::parse(form.expression).to_text();
        CHECK(plain == form.plain);
        CHECK(Filter::parse(plain).to_text() == plain);
    }
}

TEST_CASE("a filter tells which keys it reads") {
    const Filter filter = Filter::parse("method == \"INVITE\" or not (status > 400 and method)");
    CHECK(filter.fields().count() == 2);
    CHECK(filter.fields().test(*hepcap::record::find_field("method")));
    CHECK(filter.fields().test(*hepcap::record::find_field("status")));
}

TEST_CASE("copies of a filter outlive the first") {
    auto first = std::make_unique<Filter>(Filter::parse("from_user ~ \"678$\""));
    const Filter copy = *first;
    first.reset();
    CHECK(copy.matches(register_request()));
}

TEST_CASE("every key can be asked for") {
    for (const auto& key : hepcap::record::field_refs) {
        CAPTURE(key.name);
        CHECK(!matches(key.name, Record{}));
    }
}

TEST_SUITE_END();
