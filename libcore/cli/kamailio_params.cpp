#include "cli/kamailio_params.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <array>
#include <cstdlib>
#include <sstream>

namespace hepcap::cli {

long kamailio_number(const std::string& value) { return std::strtol(value.c_str(), nullptr, 10); }
bool is_kamailio_on(const std::string& value) { return kamailio_number(value) != 0; }

std::string toml_text(const std::string& text) {
    std::ostringstream out;
    out << toml::value<std::string>(text);
    return out.str();
}
std::string toml_list(const std::vector<std::string>& texts) {
    std::vector<std::string> parts;
    for (const std::string& text : texts) parts.push_back(toml_text(text));
    return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::string toml_switch(const std::string& value) { return is_kamailio_on(value) ? "'on'" : "'off'"; }

namespace {

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

std::string as_text(const std::string& value) { return toml_text(value); }
std::string as_lower_text(const std::string& value) { return toml_text(lower(value)); }
std::string as_list(const std::string& value) { return toml_list({value}); }
std::string as_number(const std::string& value) { return std::to_string(kamailio_number(value)); }
std::string as_truth(const std::string& value) { return is_kamailio_on(value) ? "true" : "false"; }
std::string as_untruth(const std::string& value) { return is_kamailio_on(value) ? "false" : "true"; }
std::string as_keep(const std::string& value) { return is_kamailio_on(value) ? "'keep'" : "'drop'"; }
std::string as_insert_mode(const std::string& value) {
    return kamailio_number(value) == 1 ? "'delayed'" : kamailio_number(value) == 2 ? "'async'" : "'sync'";
}

using S = ConfigSection;
constexpr std::array rows{
    KamailioKey{"capture_on", S::listen, "capture", toml_switch},
    KamailioKey{"capture_on", S::raw, "capture", toml_switch},
    KamailioKey{"capture_bad_msgs", S::listen, "bad-messages", as_keep},
    KamailioKey{"capture_node", S::listen, "node", as_text},
    KamailioKey{"capture_node", S::decode, "node", as_text},
    KamailioKey{"callid_aleg_header", S::listen, "aleg-header", as_text},
    KamailioKey{"callid_aleg_header", S::decode, "aleg-header", as_text},
    KamailioKey{"raw_interface", S::raw, "interface", as_text},
    KamailioKey{"raw_socket_listen", S::raw, "listen", as_list},
    KamailioKey{"raw_sock_children", S::raw, "workers", as_number},
    KamailioKey{"promiscuous_on", S::raw, "promiscuous", as_truth},
    KamailioKey{"raw_moni_bpf_on", S::raw, "no-bpf", as_untruth},
    KamailioKey{"mt_mode", S::load, "mt-mode", as_text},
    KamailioKey{"hash_source", S::load, "hash-source", as_lower_text},
    KamailioKey{"db_insert_mode", S::load, "insert-mode", as_insert_mode},
    KamailioKey{"insert_retries", S::load, "retries", as_number},
    KamailioKey{"insert_retry_timeout", S::load, "retry-timeout", as_number},
};

// Parameters without one.
struct Missing {
    std::string_view param;
    std::string_view reason;
};
constexpr std::array missing{
    Missing{"nonsip_hook",
            "hepcap-listen takes HEP on each of its addresses, and there is no script for it to "
            "go through; -Y and --forward-if select messages"},
    Missing{"event_callback", "hepcap runs no scripts; -Y and --forward-if select messages"},
    Missing{"authorization_column", "the module never fills that column, and hepcap has none"},
    Missing{"table_time_sufix", "the module never used it; strftime codes in table_name do what it promised"},
};

}  // namespace

std::span<const KamailioKey> kamailio_keys() { return rows; }

std::string_view kamailio_reason(std::string_view param) {
    for (const Missing& m : missing) {
        if (m.param == param) return m.reason;
    }
    return {};
}

std::optional<std::string> database_url(const std::string& url) {
    const std::size_t end = url.find("://");
    if (end == std::string::npos) return std::nullopt;
    const std::string scheme = url.substr(0, end);
    const std::string rest = url.substr(end + 3);
    if (scheme == "mysql" || scheme == "postgres") return url;
    if (scheme == "sqlite") return "sqlite:" + rest;
    if (scheme == "text" || scheme == "dbtext") return "text:" + rest;
    if (scheme == "unixodbc") {
        const std::size_t slash = rest.rfind('/');
        return "odbc:DSN=" + (slash == std::string::npos ? rest : rest.substr(slash + 1));
    }
    return std::nullopt;
}

std::optional<std::string> without_password(const std::string& url) {
    const std::size_t begin = url.find("://");
    if (begin == std::string::npos) return std::nullopt;
    const std::size_t at = url.rfind('@');
    const std::size_t colon = url.find(':', begin + 3);
    if (at == std::string::npos || colon == std::string::npos || colon > at) return std::nullopt;
    return url.substr(0, colon + 1) + "PASSWORD" + url.substr(at);
}

}  // namespace hepcap::cli
