#include "control/json_rpc.hpp"

#include <doctest/doctest.h>

#include "control/json_framer.hpp"
#include "control/methods.hpp"

using hepcap::control::CaptureSwitch;
using hepcap::control::Counters;
using hepcap::control::Json;
using hepcap::control::JsonFramer;
using hepcap::control::JsonRpc;
using hepcap::control::label;
using hepcap::control::RpcAnswer;
using hepcap::control::to_line;

namespace {

struct Bench {
    CaptureSwitch capture{true};
    Counters counters;
    JsonRpc rpc;

    Bench() { add_methods(rpc, capture, counters, {"hepcap-test", "1.2.3"}); }

    std::string line(std::string_view request) {
        const RpcAnswer answer = rpc.answer(request);
        return answer.response.is_null() ? "" : to_line(answer.response);
    }
    // Result or error code of a call of `method` with `params`.
    std::string call(const std::string& method, const std::string& params) {
        const Json response =
            rpc.answer(R"({"jsonrpc":"2.0","method":")" + method + R"(","params":)" + params + R"(,"id":1})")
                .response;
        if (response.contains("error")) return std::to_string(response["error"]["code"].get<int>());
        return to_line(response["result"]);
    }
};

std::string frames(std::string_view octets, std::size_t step) {
    JsonFramer framer(1000);
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += step) {
        framer.append(octets.substr(at, step));
        while (const auto text = framer.next()) out += "<" + std::string(*text) + ">";
    }
    const std::string_view rest = framer.rest();
    if (!rest.empty()) out += "rest<" + std::string(rest) + ">";
    return out;
}

}  // namespace

TEST_SUITE_BEGIN("control");

TEST_CASE("a request has its answer, with the members in the order kamctl looks for") {
    Bench bench;
    CHECK(bench.line(R"({"jsonrpc": "2.0", "method": "sipcapture.status", "params": ["check"],)"
                     R"( "reply_name": "kamailio_receiver_1", "id": 7})") ==
          R"({"jsonrpc":"2.0","result":"Enabled","id":7})");
}

TEST_CASE("a text that is no valid request has the error of the specification") {
    Bench bench;
    struct Row {
        std::string_view name, request;
        int code;
    };
    const Row rows[] = {
        {"no JSON", "{", -32700},
        {"octets that are no UTF-8", "{\"jsonrpc\":\"2.0\",\"method\":\"\xff\",\"id\":1}", -32700},
        {"a text", R"("core.version")", -32600},
        {"another version", R"({"jsonrpc":"1.0","method":"core.version","id":1})", -32600},
        {"no version", R"({"method":"core.version","id":1})", -32600},
        {"a method that is no text", R"({"jsonrpc":"2.0","method":1,"id":1})", -32600},
        {"an id that is an object", R"({"jsonrpc":"2.0","method":"core.version","id":{}})", -32600},
        {"an empty batch", "[]", -32600},
        {"an unknown method", R"({"jsonrpc":"2.0","method":"core.versio","id":1})", -32601},
        {"params by name", R"({"jsonrpc":"2.0","method":"core.version","params":{"a":1},"id":1})", -32602},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const Json response = bench.rpc.answer(row.request).response;
        REQUIRE(response.contains("error"));
        CHECK(response["error"]["code"] == row.code);
        CHECK(response["jsonrpc"] == "2.0");
        CHECK(response.contains("id"));
    }
}

TEST_CASE("a request that nests deeper than any has need to is refused, whatever of it is deep") {
    Bench bench;
    const std::string deep = std::string(30'000, '[') + std::string(30'000, ']');
    for (const std::string& request : {
             R"({"jsonrpc":"2.0","method":"core.version","id":)" + deep + "}",
             R"({"jsonrpc":"2.0","method":"core.version","params":)" + deep + R"(,"id":1})",
             R"({"jsonrpc":)" + deep + R"(,"method":"core.version","id":1})",
             "[" + deep + "]",
         }) {
        CAPTURE(request.substr(0, 60));
        CHECK(bench.rpc.answer(request).response["error"]["code"] == -32700);
    }
    const std::string shallow = std::string(60, '[') + std::string(60, ']');
    CHECK(bench.line(R"({"jsonrpc":"2.0","method":"core.version","params":)" + shallow + R"(,"id":1})") ==
          R"({"jsonrpc":"2.0","result":"hepcap-test 1.2.3","id":1})");
}

TEST_CASE("a notification is carried out and not answered") {
    Bench bench;
    CHECK(bench.line(R"({"jsonrpc":"2.0","method":"sipcapture.status","params":["off"]})").empty());
    CHECK_FALSE(bench.capture.is_on());
}

TEST_CASE("a batch has an answer for each request with an id, in order") {
    Bench bench;
    CHECK(bench.line(R"([{"jsonrpc":"2.0","method":"core.version","id":"a"},)"
                     R"({"jsonrpc":"2.0","method":"sipcapture.status","params":["off"]},)"
                     R"({"jsonrpc":"2.0","method":"sipcapture.status","params":["check"],"id":2}])") ==
          R"([{"jsonrpc":"2.0","result":"hepcap-test 1.2.3","id":"a"},)"
          R"({"jsonrpc":"2.0","result":"Disabled","id":2}])");
    CHECK(bench.line(R"([{"jsonrpc":"2.0","method":"core.version"}])").empty());
}

TEST_CASE("a batch of requests without measure is refused whole") {
    Bench bench;
    std::string batch = "[";
    for (int i = 0; i < 65; ++i) {
        batch += R"({"jsonrpc":"2.0","method":"sipcapture.status","params":["off"]},)";
    }
    batch.back() = ']';
    CHECK(bench.rpc.answer(batch).response["error"]["code"] == -32600);
    CHECK(bench.capture.is_on());
}

TEST_CASE("sipcapture.status answers as the module does") {
    Bench bench;
    struct Row {
        std::string params, answer;
        bool is_on;
    };
    const Row rows[] = {
        {R"(["off"])", R"("Disabled")", false}, {R"(["ON"])", R"("Enabled")", true},
        {R"(["Off"])", R"("Disabled")", false}, {R"(["only"])", R"("Enabled")", true},
        {R"(["check"])", R"("Enabled")", true}, {"[]", "500", true},
        {R"(["maybe"])", "500", true},          {"[1]", "500", true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.params);
        CHECK(bench.call("sipcapture.status", row.params) == row.answer);
        CHECK(bench.capture.is_on() == row.is_on);
    }
}

TEST_CASE("statistics are asked for as Kamailio's are, all, by group and by name") {
    Bench bench;
    bench.counters.add("hepcap_captured_requests_total", "Requests.").add(3);
    bench.counters.add("hepcap_refused_total", "Refused.", label("cause", "short-header")).add(2);
    bench.counters.add("hepcap_refused_total", "Refused.", label("cause", "auth"));
    const std::string captured = R"("sipcapture:captured_requests = 3")";
    const std::string first = R"("sipcapture:refused[short-header] = 2")";
    const std::string second = R"("sipcapture:refused[auth] = 0")";
    const std::string all = "[" + captured + "," + first + "," + second + "]";
    struct Row {
        std::string params, answer;
    };
    const Row rows[] = {
        {R"(["all"])", all},
        {R"(["sipcapture:"])", all},
        {R"(["captured_requests"])", "[" + captured + "]"},
        {R"(["sipcapture:captured_requests"])", "[" + captured + "]"},
        {R"(["refused"])", "[" + first + "," + second + "]"},
        {R"(["refused[auth]", "captured_requests"])", "[" + captured + "," + second + "]"},
        {R"(["shmem:"])", "[]"},
        {R"(["", "sip"])", "[]"},
        {"[]", "-32602"},
        {"[1]", "-32602"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.params);
        CHECK(bench.call("stats.get_statistics", row.params) == row.answer);
    }
}

TEST_CASE("statistics that were reset start from 0, and the counter itself goes on") {
    Bench bench;
    auto& counter = bench.counters.add("hepcap_records_total", "Records.");
    counter.add(3);
    CHECK(bench.call("stats.clear_statistics", R"(["all"])") == R"(["sipcapture:records = 3"])");
    counter.add(2);
    CHECK(bench.call("stats.get_statistics", R"(["all"])") == R"(["sipcapture:records = 2"])");
    CHECK(bench.call("stats.reset_statistics", R"(["records"])") == R"("ok")");
    CHECK(bench.call("stats.get_statistics", R"(["all"])") == R"(["sipcapture:records = 0"])");
    CHECK(bench.call("hepcap.counters", "[]") == R"({"hepcap_records_total":5})");
}

TEST_CASE("every method that is listed has a description and answers") {
    Bench bench;
    const Json names = Json::parse(bench.call("system.listMethods", "[]"));
    CHECK(names.size() >= 10);
    for (const Json& name : names) {
        CAPTURE(name);
        CHECK(bench.call("system.methodHelp", "[" + name.dump() + "]").size() > 10);
        CHECK(bench.call(name.get<std::string>(), R"(["check"])") != "-32601");
    }
    const Json uptime = Json::parse(bench.call("core.uptime", "[]"));
    CHECK(uptime["uptime"].get<int>() >= 0);
    CHECK(Json::parse(bench.call("core.psx", "[]"))[0]["PID"].get<int>() > 0);
}

TEST_CASE("a stream is cut into the same texts however it arrives") {
    struct Row {
        std::string_view name, octets, expected;
    };
    const Row rows[] = {
        {"a line each", "{\"a\":1}\n{\"b\":2}\n", "<{\"a\":1}><{\"b\":2}>"},
        {"without ends of lines", "{\"a\":1}{\"b\":[2]} [3]", "<{\"a\":1}><{\"b\":[2]}><[3]>"},
        {"over several lines", "\n{\n \"a\":\n {}}\n", "<{\n \"a\":\n {}}>"},
        {"brackets and quotes in texts", R"({"a":"}\"{\\"}{"b":1})", R"(<{"a":"}\"{\\"}><{"b":1}>)"},
        {"garbage ends with its line", "garbage {\n{\"a\":1}", "<garbage {\n><{\"a\":1}>"},
        {"a text that the line ends", "{\"a\n{\"b\":1}", "<{\"a\n><{\"b\":1}>"},
        {"a bracket that closes nothing", "}\n{\"a\":1}", "<}\n><{\"a\":1}>"},
        {"the end is missing", "{\"a\":1}\n{\"b\": ", "<{\"a\":1}>rest<{\"b\":>"},
        {"blanks alone", " \n\r\n\t", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        for (std::size_t step = 1; step <= row.octets.size(); ++step) {
            CHECK(frames(row.octets, step) == row.expected);
        }
    }
}

TEST_CASE("a text without end is noticed when it is too long") {
    JsonFramer framer(10);
    framer.append("{\"aaaaaaaaaaaaaaa");
    CHECK_FALSE(framer.next().has_value());
    CHECK(framer.is_too_long());
    framer.clear();
    framer.append("{}");
    CHECK(framer.next() == "{}");
}

TEST_SUITE_END();
