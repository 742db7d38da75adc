#include "cli/parse_error.hpp"

#include <fmt/core.h>

#include <string_view>

namespace hepcap::cli {
namespace {

// "--db excludes --mode"
std::string exclusion(std::string_view text) {
    constexpr std::string_view verb = " excludes ";
    const std::size_t at = text.find(verb);
    if (at == std::string_view::npos) return std::string(text);
    return fmt::format("{} and {} exclude each other; give one of them", text.substr(0, at),
                       text.substr(at + verb.size()));
}

// "--node: At Most 1 required but received 2", "--count: 1 required N missing"
std::string mismatch(std::string_view text) {
    const std::size_t colon = text.find(": ");
    if (colon == std::string_view::npos) return std::string(text);
    const std::string_view option = text.substr(0, colon);
    const std::string_view rest = text.substr(colon + 2);
    if (rest.starts_with("At Most 1 ")) return fmt::format("{} has one value, and is given several", option);
    constexpr std::string_view absent = "1 required ";
    constexpr std::string_view missing = " missing";
    if (rest.starts_with(absent) && rest.ends_with(missing)) {
        const std::string_view type =
            rest.substr(absent.size(), rest.size() - absent.size() - missing.size());
        return fmt::format("{}: the value is missing; write {} {}", option, option, type);
    }
    return std::string(text);
}

// "Could not convert: --headers = maybe"
std::string conversion(std::string_view text) {
    constexpr std::string_view head = "Could not convert: ";
    const std::size_t equals = text.find(" = ");
    if (!text.starts_with(head) || equals == std::string_view::npos) return std::string(text);
    return fmt::format("{}: '{}' is no value for it", text.substr(head.size(), equals - head.size()),
                       text.substr(equals + 3));
}

}  // namespace

std::string sentence_of(const CLI::Error& error) {
    std::string text = error.what();
    text = text.substr(0, text.find('\n'));
    while (text.ends_with(' ')) text.pop_back();
    if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) return exclusion(text);
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return mismatch(text);
    if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) return conversion(text);
    return text;
}

}  // namespace hepcap::cli
