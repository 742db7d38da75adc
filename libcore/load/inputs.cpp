#include "load/inputs.hpp"

#include <fmt/core.h>
#include <glob.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "base/excerpt.hpp"

namespace hepcap::load {
namespace {

constexpr std::string_view wildcards = "*?[";

bool is_pattern(const std::string& name) {
    return name.find_first_of(wildcards) != std::string::npos && ::access(name.c_str(), F_OK) != 0;
}

// The directory before the first wildcard: it must be there whatever matches.
std::string fixed_directory(const std::string& pattern) {
    const std::size_t slash = pattern.rfind('/', pattern.find_first_of(wildcards));
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : pattern.substr(0, slash);
}

void append_matches(const std::string& pattern, std::vector<std::string>& names) {
    if (::access(fixed_directory(pattern).c_str(), R_OK | X_OK) != 0) {
        throw Error(
            fmt::format("cannot look for {}: '{}': {}; the directory must exist and be readable for you",
                        excerpt(pattern, 200), fixed_directory(pattern), errno_text(errno)));
    }
    glob_t found{};
    const int status = ::glob(pattern.c_str(), 0, nullptr, &found);
    const std::unique_ptr<glob_t, void (*)(glob_t*)> freed(&found, ::globfree);
    if (status != 0 && status != GLOB_NOMATCH) {
        throw Error(fmt::format("cannot look for {}: {}; name fewer files at a time", excerpt(pattern, 200),
                                status == GLOB_NOSPACE ? "out of memory" : errno_text(errno)));
    }
    for (std::size_t i = 0; i < found.gl_pathc; ++i) names.emplace_back(found.gl_pathv[i]);
}

}  // namespace

std::vector<std::string> expand_inputs(const std::vector<std::string>& names) {
    std::vector<std::string> expanded;
    for (const std::string& name : names) {
        if (is_pattern(name)) {
            append_matches(name, expanded);
        } else {
            expanded.push_back(name);
        }
    }
    return expanded;
}

}  // namespace hepcap::load
