// Laws: a stream of requests is cut alike however it arrives; every answer to a text is a response of
// JSON-RPC 2.0 in one line, or none; and the answer to a request of the old MI begins with a status.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "control/json_framer.hpp"
#include "control/methods.hpp"
#include "control/mi.hpp"

using namespace hepcap::control;

namespace {

template <class Framer>
std::vector<std::string> frames(std::string_view octets, std::size_t step) {
    Framer framer(4096);
    std::vector<std::string> texts;
    for (std::size_t at = 0; at < octets.size(); at += step) {
        framer.append(octets.substr(at, step));
        while (const auto text = framer.next()) texts.emplace_back(*text);
    }
    return texts;
}

void check_response(const Json& r) {
    if (!r.is_object() || r.size() != 3 || r.value("jsonrpc", "") != "2.0" || !r.contains("id")) std::abort();
    if (r.contains("result") == r.contains("error")) std::abort();
    if (r.contains("error") && !(r["error"]["code"].is_number() && r["error"]["message"].is_string()))
        std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    CaptureSwitch capture;
    Counters counters;
    counters.add("hepcap_refused_total", "Refused.", label("cause", "a")).add();
    JsonRpc rpc;
    add_methods(rpc, capture, counters, {"hepcap-fuzz", "0"});

    const auto texts = frames<JsonFramer>(octets, 1);
    if (texts != frames<JsonFramer>(octets, 7) || texts != frames<JsonFramer>(octets, size + 1)) std::abort();
    for (const std::string& text : texts) {
        const RpcAnswer answer = rpc.answer(text);
        if (answer.response.is_null()) continue;
        const std::string line = to_line(answer.response);
        if (line.find('\n') != std::string::npos || Json::parse(line) != answer.response) std::abort();
        if (answer.response.is_array()) {
            for (const Json& r : answer.response) check_response(r);
        } else {
            check_response(answer.response);
        }
    }

    const auto requests = frames<MiFramer>(octets, 1);
    if (requests != frames<MiFramer>(octets, 7) || requests != frames<MiFramer>(octets, size + 1))
        std::abort();
    for (const std::string& text : requests) {
        const auto request = parse_mi(text);
        if (!request) continue;
        const std::string answer = answer_mi(*request, capture);
        if (!answer.ends_with('\n') || std::string_view("245").find(answer[0]) == std::string_view::npos)
            std::abort();
    }
    return 0;
}
