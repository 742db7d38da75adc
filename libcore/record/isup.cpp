#include "record/isup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hepcap::record {
namespace {

using Tree = nlohmann::json;

std::int64_t number(const Tree& tree, const char* key) {
    const auto found = tree.find(key);
    return found != tree.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::string text(const Tree& tree, const char* key) {
    const auto found = tree.find(key);
    if (found == tree.end()) return {};
    if (found->is_object()) return text(*found, "num");
    return found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Isup read_isup(std::string_view json) {
    Isup isup;
    const Tree tree = Tree::parse(json, nullptr, false);
    if (tree.is_object()) {
        isup.cic = number(tree, "cic");
        isup.dpc = number(tree, "dpc");
        isup.opc = number(tree, "opc");
        isup.msg_name = text(tree, "msg_name");
        isup.called_number = text(tree, "called_number");
        isup.calling_number = text(tree, "calling_number");
    }
    isup.call = fmt::format("{}:{}:{}", std::min(isup.dpc, isup.opc), std::max(isup.dpc, isup.opc), isup.cic);
    return isup;
}

}  // namespace hepcap::record
