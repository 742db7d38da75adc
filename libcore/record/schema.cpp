#include "record/schema.hpp"

#include <nlohmann/json.hpp>

#include "record/fields.hpp"

namespace hepcap::record {

namespace {

using Tree = nlohmann::ordered_json;

Tree string_array() { return Tree{{"type", "array"}, {"items", {{"type", "string"}}}}; }

// What stands behind the keys that are no plain value.
Tree json_type(std::string_view key) {
    if (key == "hep_extra") {
        return Tree{{"type", "object"},
                    {"additionalProperties", {{"type", "string"}, {"pattern", "^([0-9a-f]{2})*$"}}}};
    }
    if (key == "data") return Tree::object();
    if (key == "reports") return Tree{{"type", "array"}, {"items", {{"type", "object"}}}};
    if (key == "headers") {
        Tree pair = string_array();
        pair["minItems"] = 2;
        pair["maxItems"] = 2;
        return Tree{{"type", "array"}, {"items", pair}};
    }
    return string_array();
}

Tree type_of(const FieldRef& field) {
    return std::visit(
        [&]<class Type>(Type Record::*) {
            if constexpr (std::is_same_v<Type, Text>)
                return Tree{{"type", "string"}, {"minLength", 1}};
            else if constexpr (std::is_same_v<Type, Integer>)
                return Tree{{"type", "integer"}};
            else if constexpr (std::is_same_v<Type, Boolean>)
                return Tree{{"type", "boolean"}};
            else if constexpr (std::is_same_v<Type, Real>)
                return Tree{{"type", "number"}};
            else
                return json_type(field.name);
        },
        field.member);
}

}  // namespace

std::string json_schema() {
    Tree properties = Tree::object();
    for (const FieldRef& field : field_refs) {
        Tree type = type_of(field);
        type["description"] = std::string(field.doc);
        properties[std::string(field.name)] = type;
    }
    properties["v"]["const"] = 1;
    properties["uid"]["pattern"] = "^[0-9a-f]{16}$";
    properties["ts"]["format"] = "date-time";
    const Tree base64{{"type", "string"},
                      {"contentEncoding", "base64"},
                      {"description", "a text that is no UTF-8 or holds a NUL, under its key with _b64"}};
    const Tree schema{
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"title", "hepcap record"},
        {"description", "One captured message, a line of newline-delimited JSON. See hepcap-record(5)."},
        {"type", "object"},
        {"required", {"v", "kind"}},
        {"properties", properties},
        {"patternProperties", {{"^[a-z0-9_]+_b64$", base64}}},
        {"not", {{"required", {"msg", "msg_b64"}}}}};
    return schema.dump(2) + "\n";
}

}  // namespace hepcap::record
