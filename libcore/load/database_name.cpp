#include "load/database_name.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "base/ascii.hpp"

namespace hepcap::load {
namespace {

// Parameters that tell one database from another; all others may be left out without harm, and some must.
constexpr std::array<std::string_view, 13> telling{"host",        "hostaddr",   "port",   "dbname", "socket",
                                                   "unix_socket", "options",    "dsn",    "driver", "server",
                                                   "database",    "servername", "service"};

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), to_lower);
    return result;
}

// Of NAME=VALUE pairs with `separator` between them, those that tell.
std::string telling_parameters(std::string_view text, char separator) {
    std::string kept;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (std::ranges::find(telling, lower(pair.substr(0, pair.find('=')))) == telling.end()) continue;
        kept.append(kept.empty() ? "" : std::string(1, separator)).append(pair);
    }
    return kept;
}

// "mysql://user:password@host:port/database?name=value".  A password may hold an @ or a ?, whether it is
// allowed to or not: the last @ counts.
std::string server_name(std::string_view scheme, std::string_view location) {
    location.remove_prefix(2);
    const std::size_t at = location.rfind('@');
    if (at != std::string_view::npos) location.remove_prefix(at + 1);
    const std::size_t question = std::min(location.find('?'), location.size());
    std::string name = std::string(scheme) + "://" + std::string(location.substr(0, question));
    const std::string query =
        telling_parameters(location.substr(std::min(question + 1, location.size())), '&');
    return query.empty() ? name : name + "?" + query;
}

}  // namespace

std::string real_path(const std::string& path) {
    std::error_code failed;
    // Absolute first: of what is not there yet, the canonical path of a relative one would be relative.
    const std::filesystem::path absolute = std::filesystem::absolute(path, failed);
    const std::filesystem::path real = std::filesystem::weakly_canonical(absolute, failed);
    return failed ? path : real.string();
}

std::string database_name(std::string_view url) {
    const std::size_t colon = url.find(':');
    if (colon == std::string_view::npos) return {};
    const std::string_view scheme = url.substr(0, colon);
    std::string_view location = url.substr(colon + 1);
    const bool has_slashes = location.starts_with("//");
    if (scheme == "sqlite" || scheme == "text") {
        if (has_slashes) location.remove_prefix(2);
        if (scheme == "text") location = location.substr(0, location.find('?'));
        return std::string(scheme) + ":" + real_path(std::string(location));
    }
    if (has_slashes) return server_name(scheme, location);
    return std::string(scheme) + ":" + telling_parameters(location, ';');
}

}  // namespace hepcap::load
