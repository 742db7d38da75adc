#include "record/written_members.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace hepcap::record;

namespace {

// A line, taken; what is left of it.
struct Taken {
    explicit Taken(std::string text) : line(std::move(text)), memory(line + "\n" + std::string(64, '\0')) {
        decoded.resize(line.size() + 64);
        char* to = decoded.data();
        const char* const stop = members.take(std::string_view(memory.data(), line.size()), record, to);
        rest = stop == nullptr ? "" : line.substr(static_cast<std::size_t>(stop - memory.data()));
    }
    WrittenMembers members;
    std::string line;
    std::string memory;
    std::vector<char> decoded;
    Record record;
    std::string rest;
};

}  // namespace

TEST_SUITE("record") {
    TEST_CASE("a line as the writer writes it is taken whole") {
        const Taken t(R"({"v":1,"kind":"sip","micro_ts":1764000347713782,"source_port":5060,)"
                      R"("encap":["vlan:100","ipip"],"hep_auth_ok":true,"method":"INVITE",)"
                      R"("from_name":"Jürgen","msg":"INVITE a\r\n\"b\"\r\n\r\n"})");
        CHECK(t.rest.empty());
        CHECK(t.record.v.value == 1);
        CHECK(t.record.micro_ts.value == 1'764'000'347'713'782);
        CHECK(t.record.source_port.value == 5060);
        CHECK(t.record.encap.text == R"(["vlan:100","ipip"])");
        CHECK(t.record.hep_auth_ok.value == 1);
        CHECK(t.record.from_name == "Jürgen");
        CHECK(t.record.msg == "INVITE a\r\n\"b\"\r\n\r\n");
    }

    TEST_CASE("it stops at the first member that is any different, and says where") {
        const std::string head = R"({"v":1,"kind":"sip",)";
        for (const char* const rest : {R"("micro_ts" :1})",
                                       R"("micro_ts": 1})",
                                       R"("micro_ts":-1})",
                                       R"("micro_ts":"1"})",
                                       R"("micro_ts":01})",
                                       R"("micro_ts":12345678901234567})",
                                       R"("micro_ts":1 })",
                                       R"("unknown":1})",
                                       R"("ruri":5})",
                                       R"("ruri":null})",
                                       R"("msg":"\u0041"})",
                                       R"("msg":"\x"})",
                                       "\"msg\":\"\x01\"}",
                                       "\"msg\":\"\xFF\"}",
                                       "\"ruri\":\"\xC3\"}",
                                       R"("msg_b64":"AA=="})",
                                       R"("mos":4.2})",
                                       R"("codecs":["a", "b"]})",
                                       R"("codecs":["\n"]})",
                                       R"("codecs":[]})",
                                       R"("codecs":["a")",
                                       R"("hep_auth_ok":tru})",
                                       R"("msg":"x)",
                                       R"("msg":"x")",
                                       R"("msg":"x"}})",
                                       R"("msg":"x"]})",
                                       R"(})",
                                       "",
                                       R"( "msg":"x"})",
                                       R"("k\u0069nd":"sip"})"}) {
            CAPTURE(rest);
            CHECK(Taken(head + rest).rest == rest);
        }
        CHECK(Taken(" " + head + R"("msg":"x"})").rest == " " + head + R"("msg":"x"})");
        CHECK(Taken("{}").rest == "{}");
        CHECK(Taken(R"({"msg":"x"})"
                    " \t\r")
                  .rest.empty());
    }

    TEST_CASE("keys are found whatever came before them") {
        WrittenMembers members;
        const auto take = [&](const std::string& line) {
            const std::string memory = line + "\n" + std::string(64, '\0');
            std::vector<char> room(line.size() + 64);
            char* to = room.data();
            Record record;
            CHECK(members.take(std::string_view(memory.data(), line.size()), record, to) == nullptr);
            return std::string(record.method) + "|" + std::string(record.callid) + "|" +
                   std::string(record.ruri);
        };
        for (int i = 0; i < 3; ++i) {
            CHECK(take(R"({"method":"INVITE","callid":"c","ruri":"r"})") == "INVITE|c|r");
            CHECK(take(R"({"method":"200","callid":"c"})") == "200|c|");
            CHECK(take(R"({"ruri":"r","callid":"c","method":""})") == "|c|r");
            CHECK(take(R"({"callid":"c","callid":"d","method":"B"})") == "B|d|");
        }
    }
}
