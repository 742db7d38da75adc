// hepcap-ctl: asks and tells a running hepcap-listen or hepcap-raw.

#include <fmt/core.h>

#include <array>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/nearest.hpp"
#include "cli/app.hpp"
#include "control/client.hpp"
#include "control/json_rpc.hpp"

namespace {

using namespace hepcap;
using Json = nlohmann::ordered_json;

struct Options {
    std::string control = "/run/hepcap/listen.control";
    std::uint64_t timeout = 5;
    std::string type = "text";
    std::vector<std::string> words;
};

void describe(CLI::App& app, Options& o) {
    app.add_option("command", o.words, "What to ask, and its parameters")->type_name("COMMAND");
    app.add_option("--control", o.control, "The control socket of the running tool")
        ->type_name("PATH")
        ->capture_default_str()
        ->group(cli::group::control);
    app.add_option("--timeout", o.timeout, "Seconds to wait for the answer")
        ->type_name("N")
        ->check(cli::between(1, 3'600))
        ->capture_default_str()
        ->group(cli::group::control);
    app.add_option("-T,--type", o.type, "Form of the answer")
        ->type_name("text|ndjson|json")
        ->check(cli::one_of({"text", "ndjson", "json"}))
        ->capture_default_str()
        ->group(cli::group::output);
}

struct Call {
    std::string method;
    Json params = Json::array();
};

// Short words for the methods most asked for.
struct Command {
    std::string_view word;
    std::string_view method;
    std::string_view param;  // may be empty
};
constexpr std::array<Command, 7> commands{{
    {"on", "sipcapture.status", "on"},
    {"off", "sipcapture.status", "off"},
    {"check", "sipcapture.status", "check"},
    {"counters", "hepcap.counters", ""},
    {"version", "core.version", ""},
    {"uptime", "core.uptime", ""},
    {"methods", "system.listMethods", ""},
}};

// As kamctl reads them: i:5 is a number and s:5 a text, and a word without either is a number if it
// looks like one.
Json param(const std::string& word) {
    if (word.starts_with("s:")) return word.substr(2);
    const bool is_marked = word.starts_with("i:");
    const std::string text = is_marked ? word.substr(2) : word;
    const Json number = control::parse_json(text);
    if (number.is_number()) return number;
    if (is_marked) throw Error(fmt::format("'{}' is no number behind i:", text), ExitCode::usage);
    return text;
}

Call call_of(const std::vector<std::string>& words) {
    if (words.empty()) {
        throw Error("there is nothing to ask: give on, off, check, counters, version, or a method",
                    ExitCode::usage);
    }
    const std::string& word = words.front();
    std::vector<std::string_view> known;
    for (const Command& c : commands) {
        known.push_back(c.word);
        if (c.word != word) continue;
        if (words.size() > 1) {
            throw Error(fmt::format("'{}' is one word too many behind '{}'", words[1], word),
                        ExitCode::usage);
        }
        Call call{std::string(c.method)};
        if (!c.param.empty()) call.params.push_back(c.param);
        return call;
    }
    // The names of methods have a dot.
    if (word.find('.') == std::string::npos) {
        throw Error(fmt::format("there is no command '{}'{}", word, did_you_mean(word, known)),
                    ExitCode::usage);
    }
    Call call{word};
    for (std::size_t i = 1; i < words.size(); ++i) call.params.push_back(param(words[i]));
    return call;
}

std::string dump(const Json& json, int indent = -1) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}
// A text without its quotes, all else as JSON.
std::string plain(const Json& json) { return json.is_string() ? json.get<std::string>() : dump(json); }

std::string text_of(const Json& result, const std::string& type) {
    if (type == "ndjson") return dump(result) + "\n";
    if (type == "json") return dump(result, 2) + "\n";
    std::string text;
    if (result.is_object()) {
        for (const auto& [key, value] : result.items()) text += fmt::format("{} {}\n", key, plain(value));
    } else if (result.is_array()) {
        for (const Json& element : result) text += plain(element) + "\n";
    } else {
        text = plain(result) + "\n";
    }
    return text;
}

ExitCode ask(const Options& o, cli::StderrLog& log) {
    const Call call = call_of(o.words);
    control::ControlClient client(o.control, std::chrono::seconds(o.timeout));
    const Json request{{"jsonrpc", "2.0"}, {"method", call.method}, {"params", call.params}, {"id", 1}};
    const Json response = control::parse_json(client.ask(dump(request)));
    if (response.is_object() && response.contains("result")) {
        std::cout << text_of(response["result"], o.type) << std::flush;
        if (!std::cout) throw Error("cannot write to standard output");
        return ExitCode::done;
    }
    const Json error = response.is_object() ? response.value("error", Json()) : Json();
    if (!error.is_object())
        throw Error(fmt::format("what answers on '{}' does not speak JSON-RPC 2.0", o.control));
    const std::string data = plain(error.value("data", Json("")));
    log.error(fmt::format("{}: {}{}{}", call.method, plain(error.value("message", Json(""))),
                          data.empty() ? "" : ": ", data));
    return ExitCode::data_error;
}

}  // namespace

int main(int argc, char** argv) {
    return cli::run<Options>(argc, argv,
                             {"hepcap-ctl", "Asks and tells a running hepcap-listen or hepcap-raw",
                              "  hepcap-ctl check\n"
                              "  hepcap-ctl --control /run/hepcap/listen.control off\n"
                              "  hepcap-ctl counters\n"
                              "  hepcap-ctl stats.get_statistics sipcapture:\n"},
                             describe, ask);
}
