// JSON-RPC 2.0 (https://www.jsonrpc.org/specification), apart from what carries it: a text comes in, an
// answer goes out.  Requests, notifications, which are carried out and not answered, and batches.
//
// What a method is asked and what it answers are small trees off every hot path, hence nlohmann/json.
// Methods are called by one thread, that of the control server.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace hepcap::control {

using Json = nlohmann::ordered_json;

struct RpcFault {
    int code;
    std::string message;
    std::string data;  // more words for a person; may be empty
};

// Codes of the specification, section 5.1.
namespace rpc_code {
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
}  // namespace rpc_code

// A JSON text as a tree; discarded where it is none, or nests deeper than any request or answer does: trees
// are copied and written by functions that call themselves.
Json parse_json(std::string_view text);

// NOLINTNEXTLINE(bugprone-exception-escape): a tree that is moved or destroyed throws nothing
struct RpcAnswer {
    Json response;            // null where nothing is to be said: there were only notifications
    std::string reply_name;   // the member of that name, which Kamailio adds to a request in a FIFO
    bool is_refused = false;  // the text was no request
};

class JsonRpc {
public:
    // `params` is an array, empty where the request has none.
    using Method = std::function<Result<Json, RpcFault>(const Json& params)>;

    void add(std::string name, std::string purpose, Method method);

    RpcAnswer answer(std::string_view text) const;

    // Name and purpose of each method, by name.
    const std::map<std::string, std::string, std::less<>>& purposes() const { return purposes_; }

private:
    Json answer_one(const Json& request) const;
    Json answer_batch(const Json& batch) const;

    std::map<std::string, Method, std::less<>> methods_;
    std::map<std::string, std::string, std::less<>> purposes_;
};

// One line without its end.  Octets that are no UTF-8 are replaced, though no method should answer any.
std::string to_line(const Json& json);
// Several lines indented by tabs, the form that kamctl's own filters read; with a line end.
std::string to_lines(const Json& json);

}  // namespace hepcap::control
