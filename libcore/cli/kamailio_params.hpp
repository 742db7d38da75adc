// The parameters of Kamailio's sipcapture module one by one: which key of hepcap's configuration each
// becomes and how its value is written there, and why some become none.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hepcap::cli {

enum class ConfigSection { listen, raw, decode, load };

// A parameter with a key of its own; some have one in several sections.
struct KamailioKey {
    std::string_view param;
    ConfigSection section;
    std::string_view key;
    std::string (*to_toml)(const std::string& value);
};
std::span<const KamailioKey> kamailio_keys();

// Why a parameter has no key; empty for one that is not known as such.
std::string_view kamailio_reason(std::string_view param);

// Values as C reads integers: what is none is 0.
long kamailio_number(const std::string& value);
bool is_kamailio_on(const std::string& value);

// Values of TOML.
std::string toml_text(const std::string& text);
std::string toml_list(const std::vector<std::string>& texts);
std::string toml_switch(const std::string& value);  // 'on' or 'off'

// A database URL of Kamailio as hepcap-load writes it; none where it has no such backend.
std::optional<std::string> database_url(const std::string& url);
// A text with a URL in it, with the word PASSWORD in the place of one; none where there is none.
std::optional<std::string> without_password(const std::string& url);

}  // namespace hepcap::cli
