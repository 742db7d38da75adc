#include "control/methods.hpp"

#include <dirent.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <memory>

#include "base/ascii.hpp"
#include "base/excerpt.hpp"

namespace hepcap::control {

namespace {

constexpr std::string_view group = "sipcapture";

bool begins_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(),
                                                    [](char a, char b) { return a == to_lower(b); });
}

Unexpected<RpcFault> invalid_params(std::string data) {
    return Unexpected<RpcFault>{{rpc_code::invalid_params, "Invalid params", std::move(data)}};
}

using Answer = Result<Json, RpcFault>;

// The module compares beginnings, in this order and whatever the case, and its faults carry 500.
Answer status(CaptureSwitch& capture, const Json& params) {
    constexpr int module_fault = 500;
    if (params.empty()) {
        return Unexpected<RpcFault>{{module_fault, "Not enough parameters (on, off or check)", ""}};
    }
    const std::string word = params[0].is_string() ? params[0].get<std::string>() : "";
    if (begins_with(word, "on")) {
        capture.set(true);
    } else if (begins_with(word, "off")) {
        capture.set(false);
    } else if (!begins_with(word, "check")) {
        return Unexpected<RpcFault>{{module_fault, "Bad parameter (on, off or check)", ""}};
    }
    return Json(capture.is_on() ? "Enabled" : "Disabled");
}

std::string time_text(std::chrono::system_clock::time_point point) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(point);
    std::tm local{};
    localtime_r(&seconds, &local);
    char text[64];
    return {text, std::strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &local)};
}

Json uptime(std::chrono::system_clock::time_point since) {
    const auto now = std::chrono::system_clock::now();
    return {{"now", time_text(now)},
            {"up_since", time_text(since)},
            {"uptime", std::chrono::duration_cast<std::chrono::seconds>(now - since).count()}};
}

// Kamailio lists its processes; a hepcap tool is one, with threads.
Json threads() {
    constexpr const char* directory = "/proc/self/task";
    std::vector<long> ids;
    if (DIR* const entries = ::opendir(directory)) {
        while (const dirent* const entry = ::readdir(entries)) {
            if (entry->d_name[0] != '.') ids.push_back(std::strtol(entry->d_name, nullptr, 10));
        }
        ::closedir(entries);
    }
    std::sort(ids.begin(), ids.end());
    Json rows = Json::array();
    for (const long id : ids) {
        std::string name;
        std::getline(std::ifstream(fmt::format("{}/{}/comm", directory, id)), name);
        rows.push_back({{"IDX", rows.size()}, {"PID", id}, {"DSC", name}});
    }
    return rows;
}

// The statistics as the stats methods show them: less what they were when last reset.
class Statistics {
public:
    explicit Statistics(const Counters& counters) : counters_(counters) {}

    enum class Reset { no, yes };

    Answer list(const Json& params, bool shows, Reset reset) {
        if (params.empty()) return invalid_params("name statistics: all, GROUP: or NAME");
        for (const Json& word : params) {
            if (!word.is_string()) return invalid_params("names of statistics are texts");
        }
        Json lines = Json::array();
        counters_.for_each([&](const Sample& sample) {
            const std::string name = statistic_name(sample);
            const bool is_wanted = std::any_of(params.begin(), params.end(), [&](const Json& word) {
                return matches(name, word.get_ref<const std::string&>());
            });
            if (!is_wanted) return;
            if (shows) lines.push_back(fmt::format("{} = {}", name, value_text(name, sample)));
            if (reset == Reset::yes && sample.is_counter) baseline_[name] = sample.count;
        });
        return shows ? lines : Json("ok");
    }

private:
    // "all", "sipcapture:", "sipcapture:refused[x]", "refused[x]", or "refused" for all its labels.
    static bool matches(std::string_view name, std::string_view word) {
        if (word == "all" || word == name) return true;
        name.remove_prefix(group.size());
        if (word.starts_with(group) && word.substr(group.size()).starts_with(':')) {
            word.remove_prefix(group.size() + 1);
            if (word.empty()) return true;
        }
        name.remove_prefix(1);
        return word == name || (!word.empty() && word == name.substr(0, name.find('[')));
    }

    std::string value_text(const std::string& name, const Sample& sample) const {
        if (!sample.is_counter) return fmt::format("{}", sample.level);
        const auto base = baseline_.find(name);
        return fmt::format("{}", sample.count - (base == baseline_.end() ? 0 : base->second));
    }

    const Counters& counters_;
    std::map<std::string, std::uint64_t> baseline_;
};

Json all_counters(const Counters& counters) {
    Json object = Json::object();
    counters.for_each([&](const Sample& s) {
        std::string name(s.name);
        if (!s.labels.empty()) name += fmt::format("{{{}}}", s.labels);
        object[name] = s.is_counter ? Json(s.count) : Json(s.level);
    });
    return object;
}

void add_statistics(JsonRpc& rpc, const Counters& counters) {
    const auto statistics = std::make_shared<Statistics>(counters);
    using Reset = Statistics::Reset;
    rpc.add("stats.get_statistics", "Show statistics: all, GROUP: or NAME, several of them",
            [statistics](const Json& p) { return statistics->list(p, true, Reset::no); });
    rpc.add("stats.reset_statistics", "Let statistics start from 0 again: all, GROUP: or NAME",
            [statistics](const Json& p) { return statistics->list(p, false, Reset::yes); });
    rpc.add("stats.clear_statistics", "Show statistics and let them start from 0 again",
            [statistics](const Json& p) { return statistics->list(p, true, Reset::yes); });
    rpc.add("hepcap.counters", "All metrics as one object",
            [&counters](const Json&) { return Answer(all_counters(counters)); });
}

void add_descriptions(JsonRpc& rpc) {
    rpc.add("system.listMethods", "The names of all methods", [&rpc](const Json&) {
        Json names = Json::array();
        for (const auto& row : rpc.purposes()) names.push_back(row.first);
        return Answer(std::move(names));
    });
    rpc.add("system.methodHelp", "What a method does", [&rpc](const Json& params) -> Answer {
        if (params.size() != 1 || !params[0].is_string()) return invalid_params("name one method");
        const auto& name = params[0].get_ref<const std::string&>();
        const auto row = rpc.purposes().find(name);
        if (row == rpc.purposes().end()) return invalid_params("there is no method " + excerpt(name));
        return Json(row->second);
    });
}

}  // namespace

std::string statistic_name(const Sample& sample) {
    constexpr std::string_view prefix = "hepcap_";
    constexpr std::string_view suffix = "_total";
    std::string_view thing = sample.name;
    if (thing.starts_with(prefix)) thing.remove_prefix(prefix.size());
    if (thing.ends_with(suffix)) thing.remove_suffix(suffix.size());
    std::string name = fmt::format("{}:{}", group, thing);
    if (sample.labels.empty()) return name;
    // The values alone, joined by commas: cause="x",peer="y" is [x,y].
    name.push_back('[');
    bool in_value = false;
    for (std::size_t i = 0; i < sample.labels.size(); ++i) {
        const char c = sample.labels[i];
        if (c == '\\' && in_value && i + 1 < sample.labels.size()) {
            name.push_back(sample.labels[++i]);
        } else if (c == '"') {
            in_value = !in_value;
        } else if (in_value || c == ',') {
            name.push_back(c);
        }
    }
    name.push_back(']');
    return name;
}

void add_methods(JsonRpc& rpc, CaptureSwitch& capture, Counters& counters, const Identity& identity) {
    rpc.add("sipcapture.status", "Switch capturing on or off, or check which it is: on, off or check",
            [&capture](const Json& params) { return status(capture, params); });
    rpc.add("core.version", "Name and version of the program", [identity](const Json&) {
        return Answer(Json(fmt::format("{} {}", identity.program, identity.version)));
    });
    rpc.add("core.uptime", "For how many seconds the program has been running",
            [identity](const Json&) { return Answer(uptime(identity.since)); });
    rpc.add("core.psx", "The threads of the program", [](const Json&) { return Answer(threads()); });
    add_statistics(rpc, counters);
    add_descriptions(rpc);
}

}  // namespace hepcap::control
