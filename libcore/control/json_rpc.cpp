#include "control/json_rpc.hpp"

#include <fmt/core.h>

#include "base/excerpt.hpp"
#include "base/nearest.hpp"

namespace hepcap::control {

namespace {

// A batch is answered whole before anything else is done, so it must end soon.
constexpr std::size_t max_batch = 64;

// A batch of requests whose parameters are objects has four levels.
constexpr int max_depth = 64;

Json response_frame() { return Json{{"jsonrpc", "2.0"}}; }

Json fault(const RpcFault& f, const Json& id) {
    Json response = response_frame();
    Json error{{"code", f.code}, {"message", f.message}};
    if (!f.data.empty()) error["data"] = f.data;
    response["error"] = std::move(error);
    response["id"] = id;
    return response;
}

Json invalid_request(const char* what, const Json& id = nullptr) {
    return fault({rpc_code::invalid_request, "Invalid Request", what}, id);
}

bool is_id(const Json& id) { return id.is_string() || id.is_number() || id.is_null(); }

}  // namespace

Json parse_json(std::string_view text) {
    bool is_too_deep = false;
    // What the callback refuses is skipped without being made.
    const auto keep = [&](int depth, Json::parse_event_t, Json&) {
        is_too_deep = is_too_deep || depth > max_depth;
        return !is_too_deep;
    };
    Json json = Json::parse(text, keep, false);
    return is_too_deep ? Json(Json::value_t::discarded) : json;
}

void JsonRpc::add(std::string name, std::string purpose, Method method) {
    purposes_[name] = std::move(purpose);
    methods_[std::move(name)] = std::move(method);
}

RpcAnswer JsonRpc::answer(std::string_view text) const {
    RpcAnswer answer;
    const Json json = parse_json(text);
    if (json.is_discarded()) {
        answer.response = fault(
            {rpc_code::parse_error, "Parse error", "the text is no JSON, or nests deeper than 64 levels"},
            nullptr);
        answer.is_refused = true;
        return answer;
    }
    if (json.is_array()) {
        answer.response = answer_batch(json);
    } else {
        answer.response = answer_one(json);
        const auto name = json.is_object() ? json.find("reply_name") : json.end();
        if (name != json.end() && name->is_string()) answer.reply_name = name->get<std::string>();
    }
    const auto error = answer.response.is_object() ? answer.response.find("error") : answer.response.end();
    answer.is_refused = error != answer.response.end() && (*error)["code"] == rpc_code::invalid_request;
    return answer;
}

Json JsonRpc::answer_batch(const Json& batch) const {
    if (batch.empty()) return invalid_request("the batch is empty");
    if (batch.size() > max_batch) return invalid_request("the batch has more than 64 requests");
    Json responses = Json::array();
    for (const Json& request : batch) {
        Json response = answer_one(request);
        if (!response.is_null()) responses.push_back(std::move(response));
    }
    return responses.empty() ? Json() : responses;
}

Json JsonRpc::answer_one(const Json& request) const {
    if (!request.is_object()) return invalid_request("a request is an object");
    const auto id_member = request.find("id");
    const bool is_notification = id_member == request.end();
    const Json id = is_notification ? Json() : *id_member;
    if (!is_id(id)) return invalid_request("'id' is no text, number or null");
    if (request.value("jsonrpc", Json()) != "2.0") return invalid_request("'jsonrpc' is not \"2.0\"", id);
    const auto method = request.find("method");
    if (method == request.end() || !method->is_string()) return invalid_request("'method' is no text", id);

    const auto respond = [&](Json response) { return is_notification ? Json() : std::move(response); };
    const auto& name = method->get_ref<const std::string&>();
    const auto known = methods_.find(name);
    if (known == methods_.end()) {
        std::vector<std::string_view> names;
        for (const auto& row : methods_) names.emplace_back(row.first);
        return respond(
            fault({rpc_code::method_not_found, "Method not found",
                   fmt::format("there is no method {}{}", excerpt(name), did_you_mean(name, names))},
                  id));
    }
    const auto params = request.find("params");
    const bool has_params = params != request.end();
    if (has_params && !params->is_array()) {
        return respond(fault(
            {rpc_code::invalid_params, "Invalid params", "'params' is no array: parameters go by position"},
            id));
    }
    const auto result = known->second(has_params ? *params : Json::array());
    if (!result) return respond(fault(result.error(), id));
    Json response = response_frame();
    response["result"] = *result;
    response["id"] = id;
    return respond(std::move(response));
}

std::string to_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string to_lines(const Json& json) {
    return json.dump(1, '\t', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hepcap::control
