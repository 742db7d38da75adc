#include "record/ndjson_reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "record/fields.hpp"

using namespace hepcap;
using namespace hepcap::record;

namespace {

NdjsonReader reader_of(std::string text) {
    return NdjsonReader(
        LineReader([text = std::move(text), at = std::size_t{0}](char* to, std::size_t size) mutable {
            const std::size_t count = std::min(size, text.size() - at);
            std::memcpy(to, text.data() + at, count);
            at += count;
            return count;
        }));
}

// A line with a record's least and `members` before them.
std::string line_with(const std::string& members) { return "{" + members + R"(,"kind":"sip","micro_ts":1})"; }

// "record", "end", or the name of the fault.
std::string outcome_of(NdjsonReader& reader, Record& record) {
    const auto got = reader.next(record);
    if (!got) return std::string(name(got.error().fault));
    return *got ? "record" : "end";
}

std::string outcome_of(const std::string& line) {
    NdjsonReader reader = reader_of(line);
    Record record;
    return outcome_of(reader, record);
}

}  // namespace

TEST_SUITE("record") {
    TEST_CASE("every key of the table is read into its member") {
        std::string line = "{";
        for (const FieldRef& field : field_refs) {
            const std::string value = std::visit(
                [&]<class Type>(Type Record::*) -> std::string {
                    if constexpr (std::is_same_v<Type, Text>)
                        return "\"text of " + std::string(field.name) + "\"";
                    if constexpr (std::is_same_v<Type, Integer>) return "17";
                    if constexpr (std::is_same_v<Type, Boolean>) return "true";
                    if constexpr (std::is_same_v<Type, Real>) return "-2.5e1";
                    return R"([1, {"a":null}])";
                },
                field.member);
            line += (line.size() > 1 ? ",\"" : "\"") + std::string(field.name) + "\":" + value;
        }
        NdjsonReader reader = reader_of(line + "}\n" + line + "}");
        Record record;
        for (int i = 0; i < 2; ++i) {
            REQUIRE(outcome_of(reader, record) == "record");
            for (const FieldRef& field : field_refs) {
                CAPTURE(field.name);
                std::visit(
                    [&]<class Type>(Type Record::*member) {
                        const Type& value = record.*member;
                        if constexpr (std::is_same_v<Type, Text>)
                            CHECK(value == "text of " + std::string(field.name));
                        if constexpr (std::is_same_v<Type, Integer>) CHECK(value.value == 17);
                        if constexpr (std::is_same_v<Type, Boolean>) CHECK(value.value == 1);
                        if constexpr (std::is_same_v<Type, Real>) CHECK(value.value == -25);
                        if constexpr (std::is_same_v<Type, Json>) CHECK(value.text == R"([1, {"a":null}])");
                    },
                    field.member);
            }
            CHECK(record.extra.text.empty());
        }
        CHECK(outcome_of(reader, record) == "end");
    }

    TEST_CASE("keys in any order, with spaces around everything, are read alike") {
        Record record;
        NdjsonReader reader = reader_of(
            " { \"msg\" : \"m\" ,\t\"micro_ts\" : 5 , \"kind\":\"sip\" , \"callid\" : \"c\" } \r\n"
            R"({"kind":"sip","callid":"d","micro_ts":6,"msg":"n"})");
        REQUIRE(outcome_of(reader, record) == "record");
        CHECK(record.msg == "m");
        CHECK(record.micro_ts.value == 5);
        CHECK(record.callid == "c");
        REQUIRE(outcome_of(reader, record) == "record");
        CHECK(record.msg == "n");
        CHECK(record.callid == "d");
    }

    TEST_CASE("escapes become the characters they stand for") {
        Record record;
        NdjsonReader reader =
            reader_of(line_with(R"("msg":"a\r\n\t\"\\\/\u00e4\ud83d\ude00\u0000b","c\u0061llid":"x\ty")"));
        REQUIRE(outcome_of(reader, record) == "record");
        CHECK(record.msg == std::string_view("a\r\n\t\"\\/\xC3\xA4\xF0\x9F\x98\x80\0b", 15));
        CHECK(record.callid == "x\ty");
    }

    TEST_CASE("a text under its key with _b64 is the octets it stands for") {
        Record record;
        NdjsonReader reader =
            reader_of(line_with(R"("msg_b64":"AAH/","callid_b64":"gA==","reason_b64":"","uid_b64":"YQ")"));
        REQUIRE(outcome_of(reader, record) == "record");
        CHECK(record.msg == std::string_view("\0\1\xFF", 3));
        CHECK(record.callid == "\x80");
        CHECK(record.reason.empty());
        CHECK(record.uid == "a");
        CHECK(record.extra.text.empty());
    }

    TEST_CASE("base64 with escapes is read in no more memory than its line") {
        std::string escaped;
        std::string octets;
        for (int i = 0; i < 500; ++i) {
            escaped += R"(\/\/\/\/)";  // ////
            octets += "\xFF\xFF\xFF";
        }
        Record record;
        NdjsonReader reader =
            reader_of(line_with("\"msg_b64\":\"" + escaped + "\",\"ruri_b64\":\"" + escaped + "\""));
        REQUIRE(outcome_of(reader, record) == "record");
        CHECK(record.msg == octets);
        CHECK(record.ruri == octets);
    }

    TEST_CASE("members that no key names are kept as one object") {
        Record record;
        NdjsonReader reader = reader_of(
            line_with(R"("x":1 , "msg":"m","y\"z" : {"a" : [true, null , "\n"]} ,"status_b64":"AA==",)"
                      R"("w":123456789012345678901234567890)"));
        REQUIRE(outcome_of(reader, record) == "record");
        CHECK(record.extra.text == R"({"x":1,"y\"z":{"a" : [true, null , "\n"]},"status_b64":"AA==",)"
                                   R"("w":123456789012345678901234567890})");
        CHECK(record.msg == "m");
    }

    TEST_CASE("values of another type are taken where nothing is lost, and refused elsewhere") {
        struct Row {
            const char* member;
            const char* outcome;
        };
        constexpr std::array rows{
            Row{R"("to_user":4915112345678901234567890)", "record"},
            Row{R"("to_user":-1.50)", "record"},
            Row{R"("to_user":null)", "record"},
            Row{R"("to_user":"")", "record"},
            Row{R"("to_user":true)", "bad_type"},
            Row{R"("to_user":[1])", "bad_type"},
            Row{R"("to_user":{})", "bad_type"},
            Row{R"("to_user":01)", "bad_json"},
            Row{R"("source_port":"5060")", "record"},
            Row{R"("source_port":"")", "record"},
            Row{R"("source_port":null)", "record"},
            Row{R"("source_port":"50x")", "bad_type"},
            Row{R"("source_port":50.5)", "bad_type"},
            Row{R"("source_port":9223372036854775808)", "bad_type"},
            Row{R"("source_port":false)", "bad_type"},
            Row{R"("source_port":5060x)", "bad_json"},
            Row{R"("mos":"4.1")", "record"},
            Row{R"("mos":4)", "record"},
            Row{R"("mos":"good")", "bad_type"},
            Row{R"("mos":1e999)", "bad_type"},
            Row{R"("mos":null)", "record"},
            Row{R"("hep_auth_ok":null)", "record"},
            Row{R"("hep_auth_ok":"true")", "bad_type"},
            Row{R"("hep_auth_ok":1)", "bad_type"},
            Row{R"("encap":"vlan:1")", "record"},
            Row{R"("encap":null)", "record"},
            Row{R"("msg_b64":5)", "bad_type"},
            Row{R"("msg_b64":"A")", "bad_base64"},
            Row{R"("msg_b64":"A-_=")", "bad_base64"},
        };
        for (const Row& row : rows) {
            CAPTURE(row.member);
            CHECK(outcome_of(line_with(row.member)) == row.outcome);
        }
    }

    TEST_CASE("a number in a text key is the text of its spelling") {
        Record record;
        NdjsonReader reader =
            reader_of(line_with(R"("to_user":4915112345678901234567890 ,"source_port":"5061")"));
        REQUIRE(outcome_of(reader, record) == "record");
        CHECK(record.to_user == "4915112345678901234567890");
        CHECK(record.source_port.value == 5061);
    }

    TEST_CASE("the last of several members with one key counts, and null takes the others back") {
        Record record;
        NdjsonReader reader = reader_of(
            line_with(R"("msg":"a","msg_b64":"Yg==","frame":1,"frame":2,"reason":"x","reason":null)"));
        REQUIRE(outcome_of(reader, record) == "record");
        CHECK(record.msg == "b");
        CHECK(record.frame.value == 2);
        CHECK(record.reason.empty());
    }

    TEST_CASE("nothing of one record shows in the next") {
        Record record;
        NdjsonReader reader =
            reader_of(line_with(R"("callid":"c","mos":1,"x":2)") + "\n" + line_with(R"("msg":"m")"));
        REQUIRE(outcome_of(reader, record) == "record");
        REQUIRE(outcome_of(reader, record) == "record");
        CHECK(record.callid.empty());
        CHECK_FALSE(record.mos.present());
        CHECK(record.extra.text.empty());
    }

    TEST_CASE("what is no record is refused with its cause, and reading goes on") {
        struct Row {
            const char* line;
            const char* outcome;
        };
        constexpr std::array rows{
            Row{"[1]", "no_object"},
            Row{"5", "no_object"},
            Row{"true", "no_object"},
            Row{"[1] 2", "bad_json"},
            Row{R"("kind")", "no_object"},
            Row{"hello", "bad_json"},
            Row{"{", "bad_json"},
            Row{"}", "bad_json"},
            Row{R"({"kind")", "bad_json"},
            Row{R"({"kind":)", "bad_json"},
            Row{R"({"kind":"sip")", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,})", "bad_json"},
            Row{R"({"kind":"sip""micro_ts":1})", "bad_json"},
            Row{R"({"kind" "sip","micro_ts":1})", "bad_json"},
            Row{R"({kind:"sip","micro_ts":1})", "bad_json"},
            Row{R"({"kind":"sip"x,"micro_ts":1})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1}x)", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1}})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1}{})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"msg":"\ud800"})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"msg":"\x"})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"msg":"open})", "bad_json"},
            Row{"{\"kind\":\"sip\",\"micro_ts\":1,\"msg\":\"\x80\"}", "bad_json"},
            Row{"{\"kind\":\"sip\",\"micro_ts\":1,\"msg\":\"\t\"}", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"hep_auth_ok":tru})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"x":[1 2]})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"x":[1,]})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"x":[,1]})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"x":{"a"}})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"x":{"a":}})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"x":{"a":1,}})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"x":{1:2}})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"x":[}})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"x":[1}})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"x":[nul]})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"x":["\q"]})", "bad_json"},
            Row{R"({"kind":"sip","micro_ts":1,"encap":[1)", "bad_json"},
            Row{"{}", "no_kind"},
            Row{R"({"micro_ts":1})", "no_kind"},
            Row{R"({"kind":null,"micro_ts":1})", "no_kind"},
            Row{R"({"kind":"sip"})", "no_time"},
            Row{R"({"kind":"rtcp","ts":"yesterday"})", "no_time"},
            Row{R"({"kind":"eof"})", "record"},
        };
        for (const Row& row : rows) {
            CAPTURE(row.line);
            NdjsonReader reader = reader_of(std::string(row.line) + "\n" + line_with(R"("msg":"m")"));
            Record record;
            CHECK(outcome_of(reader, record) == row.outcome);
            CHECK(outcome_of(reader, record) == "record");
            CHECK(record.msg == "m");
            CHECK(outcome_of(reader, record) == "end");
        }
    }

    TEST_CASE("no beginning of a record is a record") {
        const std::string whole =
            line_with(R"("msg":"a\r\nb","encap":["vlan:1"],"x":{"y":[1,"z"]},"mos":4.5,"hep_auth_ok":true)");
        REQUIRE(outcome_of(whole) == "record");
        for (std::size_t size = 1; size < whole.size(); ++size) {
            CAPTURE(size);
            CHECK(outcome_of(whole.substr(0, size)) == "bad_json");
        }
    }

    TEST_CASE("objects and arrays are read to a depth of 64 and refused beyond") {
        const auto nested = [](std::size_t depth) {
            return line_with("\"x\":" + std::string(depth, '[') + std::string(depth, ']'));
        };
        CHECK(outcome_of(nested(64)) == "record");
        CHECK(outcome_of(nested(65)) == "too_deep");
        CHECK(outcome_of(nested(100'000)) == "too_deep");
        CHECK(outcome_of(std::string(100'000, '[')) == "no_object");
        CHECK(outcome_of(std::string(100'000, '{')) == "bad_json");
    }

    TEST_CASE("micro_ts is taken from ts where it is missing") {
        Record record;
        NdjsonReader reader = reader_of(R"({"kind":"sip","ts":"2025-11-24T16:05:47.712782999Z"})");
        REQUIRE(outcome_of(reader, record) == "record");
        CHECK(record.micro_ts.value == 1764000347712782);
    }

    TEST_CASE("empty lines and a byte order mark are passed over, and lines keep their numbers") {
        NdjsonReader reader = reader_of("\xEF\xBB\xBF" + line_with(R"("msg":"a")") + "\n\n \t\r\nnonsense\n" +
                                        line_with(R"("msg":"b")"));
        Record record;
        CHECK(outcome_of(reader, record) == "record");
        CHECK(reader.line_number() == 1);
        const auto bad = reader.next(record);
        REQUIRE_FALSE(bad);
        CHECK(bad.error().line == 4);
        CHECK(bad.error().text == "nonsense");
        CHECK(outcome_of(reader, record) == "record");
        CHECK(reader.line_number() == 5);
        CHECK(record.msg == "b");
    }

    TEST_CASE("a bad line is described in one sentence with number, cause and key") {
        struct Row {
            const char* line;
            const char* sentence;
        };
        constexpr std::array rows{
            Row{"x", "line 1 is no record: it is no well-formed JSON"},
            Row{"[]", "line 1 is no record: it is JSON, but no object"},
            Row{"{}", "line 1 is no record: the key 'kind' is missing"},
            Row{R"({"kind":"log"})",
                "line 1 is no record: neither 'micro_ts' nor a valid 'ts' says when it happened"},
            Row{R"({"source_port":true})",
                "line 1 is no record: 'source_port' has a value of the wrong type"},
            Row{R"({"msg_b64":"!"})", "line 1 is no record: the value of 'msg_b64' is no base64"},
        };
        for (const Row& row : rows) {
            NdjsonReader reader = reader_of(row.line);
            Record record;
            const auto bad = reader.next(record);
            REQUIRE_FALSE(bad);
            CHECK(describe(bad.error()) == row.sentence);
        }
    }
}
