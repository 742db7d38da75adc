#include "sink/mariadb_settings.hpp"

#include <array>
#include <charconv>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "base/nearest.hpp"

namespace hepcap::sink {
namespace {

constexpr std::string_view about_url = "the database URL mysql: ";

[[noreturn]] void refuse(const std::string& what) {
    throw Error(std::string(about_url) + what, ExitCode::usage);
}

unsigned seconds(std::string_view name, std::string_view value) {
    unsigned number = 0;
    const char* const last = value.data() + value.size();
    const auto [end, error] = std::from_chars(value.data(), last, number);
    if (error != std::errc() || end != last || number == 0 || number > 86'400)
        refuse(std::string(name) + " is " + excerpt(value) + "; it is a number of seconds from 1 to 86400");
    return number;
}

MariadbSettings::Tls tls_mode(std::string_view value) {
    using Tls = MariadbSettings::Tls;
    if (value == "off" || value == "0") return Tls::off;
    if (value == "required" || value == "on" || value == "1") return Tls::required;
    if (value == "verify") return Tls::verified;
    refuse("ssl is " + excerpt(value) + "; it is one of off, required, verify");
}

struct Parameter {
    std::string_view name;
    void (*take)(MariadbSettings& settings, std::string_view value);
};

constexpr std::array parameters{
    Parameter{"unix_socket", [](MariadbSettings& s, std::string_view v) { s.socket = v; }},
    Parameter{"socket", [](MariadbSettings& s, std::string_view v) { s.socket = v; }},
    Parameter{"ssl", [](MariadbSettings& s, std::string_view v) { s.tls = tls_mode(v); }},
    Parameter{"ssl_ca", [](MariadbSettings& s, std::string_view v) { s.tls_ca = v; }},
    Parameter{"ssl_cert", [](MariadbSettings& s, std::string_view v) { s.tls_certificate = v; }},
    Parameter{"ssl_key", [](MariadbSettings& s, std::string_view v) { s.tls_key = v; }},
    Parameter{"bulk",
              [](MariadbSettings& s, std::string_view v) {
                  if (v != "on" && v != "off") refuse("bulk is " + excerpt(v) + "; it is on or off");
                  s.use_bulk = v == "on";
              }},
    Parameter{
        "connect_timeout",
        [](MariadbSettings& s, std::string_view v) { s.connect_timeout = seconds("connect_timeout", v); }},
    Parameter{"read_timeout",
              [](MariadbSettings& s, std::string_view v) { s.read_timeout = seconds("read_timeout", v); }},
};

void take(MariadbSettings& settings, std::string_view name, std::string_view value) {
    for (const Parameter& parameter : parameters) {
        if (parameter.name == name) return parameter.take(settings, value);
    }
    std::array<std::string_view, parameters.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = parameters[i].name;
    // The word itself is not shown: it may be the end of a password that holds a question mark.
    refuse("has a parameter that is unknown" + did_you_mean(name, names));
}

}  // namespace

MariadbSettings mariadb_settings(std::string_view location) {
    MariadbSettings settings;
    settings.url = parse_database_url("mysql", location);
    for (const auto& [name, value] : settings.url.parameters) take(settings, name, value);
    if (settings.url.database.empty())
        refuse("names no database; write mysql://user:password@host:port/database");
    if (!settings.tls_ca.empty() && settings.tls == MariadbSettings::Tls::off)
        settings.tls = MariadbSettings::Tls::verified;
    return settings;
}

std::string describe(const MariadbSettings& settings) {
    const DatabaseUrl& url = settings.url;
    std::string place = settings.socket;
    if (place.empty()) place = url.host.empty() ? "localhost" : url.host;
    if (settings.socket.empty() && url.port != 0) place += ":" + std::to_string(url.port);
    return "database " + excerpt(url.database) + " of the server at " + excerpt(place, 100);
}

}  // namespace hepcap::sink
