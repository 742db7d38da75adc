#include "cli/config.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "base/error.hpp"
#include "base/nearest.hpp"

namespace hepcap::cli {

namespace {

// Not the options that speak of the command line itself, or print something and end.
bool is_configurable(const CLI::Option& option) {
    return option.get_configurable() && !option.get_lnames().empty() && !option.get_group().empty();
}

std::vector<std::string> keys_of(const CLI::App& app) {
    std::vector<std::string> keys;
    for (const CLI::Option* option : app.get_options()) {
        if (is_configurable(*option)) keys.push_back(option->get_lnames().front());
    }
    return keys;
}

std::string variable_of(const std::string& key) {
    if (key == "db") return "HEPCAP_DB_URL";
    std::string name = "HEPCAP_" + key;
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        if (c == '-') return '_';
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return name;
}

std::string value_text(const toml::node& node, const std::string& where) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    throw Error(where + ": the value is no text, number, truth value or list of these", ExitCode::usage);
}

void set_option(CLI::Option& option, const std::vector<std::string>& values, const std::string& where) {
    try {
        option.clear();
        for (const std::string& value : values) option.add_result(value);
        option.run_callback();
    } catch (const CLI::Error& e) {
        throw Error(fmt::format("{}: {}", where, e.what()), ExitCode::usage);
    }
}

class Configurer {
public:
    Configurer(CLI::App& app, std::string section)
        : app_(app), section_(std::move(section)), keys_(keys_of(app)) {
        for (const std::string& key : keys_) {
            if (app.get_option("--" + key)->count() > 0) report_.source_of[key] = "command line";
        }
    }

    void read_environment() {
        for (const std::string& key : keys_) {
            const std::string variable = variable_of(key);
            const char* const value = std::getenv(variable.c_str());
            if (value && !report_.source_of.contains(key)) {
                set_option(*app_.get_option("--" + key), {value}, "$" + variable);
                report_.source_of[key] = "$" + variable;
            }
        }
    }

    void read_file(const std::string& path) {
        if (::access(path.c_str(), R_OK) != 0) {
            throw Error(fmt::format("cannot open the configuration '{}': {}", path, errno_text(errno)),
                        ExitCode::usage);
        }
        toml::table root;
        try {
            root = toml::parse_file(path);
        } catch (const toml::parse_error& e) {
            throw Error(fmt::format("'{}' line {}: {}", path, e.source().begin.line, e.description()),
                        ExitCode::usage);
        }
        check_sections(path, root);
        const toml::node* const section = root.get(section_);
        if (!section) return;
        for (const auto& [name, node] : *section->as_table()) apply(path, std::string(name.str()), node);
    }

    ConfigReport take_report() { return std::move(report_); }

private:
    // A section that no tool reads is a slip of the pen, and silence would hide it.
    static void check_sections(const std::string& path, const toml::table& root) {
        constexpr std::array<std::string_view, 7> tools{"listen", "raw",  "decode", "load",
                                                        "report", "send", "ctl"};
        for (const auto& [name, node] : root) {
            const std::string_view section = name.str();
            const std::string where = fmt::format("'{}' line {}", path, node.source().begin.line);
            if (!node.is_table()) {
                throw Error(
                    fmt::format(
                        "{}: '{}' is in no section; put it behind [decode], [load] or another tool's name",
                        where, section),
                    ExitCode::usage);
            }
            if (std::find(tools.begin(), tools.end(), section) == tools.end()) {
                const std::string_view bare = section.starts_with("hepcap-") ? section.substr(7) : section;
                throw Error(
                    fmt::format("{}: there is no section '{}'{}", where, section, did_you_mean(bare, tools)),
                    ExitCode::usage);
            }
        }
    }

    void apply(const std::string& path, const std::string& key, const toml::node& node) {
        const std::string where = fmt::format("'{}' line {}, key '{}'", path, node.source().begin.line, key);
        if (std::find(keys_.begin(), keys_.end(), key) == keys_.end()) {
            const std::vector<std::string_view> candidates(keys_.begin(), keys_.end());
            throw Error(fmt::format("{}: there is no such option of {}{}", where, section_,
                                    did_you_mean(key, candidates)),
                        ExitCode::usage);
        }
        // Files are read from the strongest to the weakest: what is set stays.
        if (report_.source_of.contains(key)) return;
        std::vector<std::string> values;
        if (const auto* array = node.as_array()) {
            for (const toml::node& element : *array) values.push_back(value_text(element, where));
        } else {
            values.push_back(value_text(node, where));
        }
        set_option(*app_.get_option("--" + key), values, where);
        report_.source_of[key] = path;
    }

    CLI::App& app_;
    std::string section_;
    std::vector<std::string> keys_;
    ConfigReport report_;
};

std::optional<std::string> user_file() {
    const char* const base = std::getenv("XDG_CONFIG_HOME");
    if (base && *base) return std::string(base) + "/hepcap/hepcap.toml";
    const char* const home = std::getenv("HOME");
    if (home && *home) return std::string(home) + "/.config/hepcap/hepcap.toml";
    return std::nullopt;
}

// Values that may hold a database's password.
bool is_secret(std::string_view key) { return key == "db" || key == "capture-mode"; }

// A value as TOML writes it: truth values and numbers bare, all else quoted.
std::string toml_value(const std::string& value) {
    const bool is_number = !value.empty() && value.size() < 19 &&
                           value.find_first_not_of("0123456789") == std::string::npos &&
                           (value == "0" || value[0] != '0');
    if (is_number || value == "true" || value == "false") return value;
    std::ostringstream quoted;
    quoted << toml::value<std::string>(value);
    return quoted.str();
}

std::string toml_values(const CLI::Option& option, const std::vector<std::string>& values) {
    std::vector<std::string> texts;
    for (const std::string& value : values) texts.push_back(toml_value(value));
    if (option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll)
        return fmt::format("[{}]", fmt::join(texts, ", "));
    return texts.empty() ? "''" : texts.back();
}

}  // namespace

ConfigReport apply_config(CLI::App& app, const std::string& program, const std::vector<std::string>& files) {
    constexpr std::string_view prefix = "hepcap-";
    Configurer configurer(app, program.substr(prefix.size()));
    configurer.read_environment();
    for (auto file = files.rbegin(); file != files.rend(); ++file) configurer.read_file(*file);
    std::vector<std::string> standard{"/etc/hepcap/hepcap.toml"};
    if (const auto user = user_file()) standard.push_back(*user);
    for (auto file = standard.rbegin(); file != standard.rend(); ++file) {
        if (::access(file->c_str(), F_OK) == 0) configurer.read_file(*file);
    }
    return configurer.take_report();
}

std::string ConfigReport::to_text(const CLI::App& app) const {
    constexpr std::string_view prefix = "hepcap-";
    std::string out = fmt::format("[{}]\n", app.get_name().substr(prefix.size()));
    for (const CLI::Option* option : app.get_options()) {
        if (!is_configurable(*option)) continue;
        const std::string& key = option->get_lnames().front();
        const auto source = source_of.find(key);
        const bool is_default = source == source_of.end();
        std::vector<std::string> values;
        if (!is_default) {
            values = option->results();
        } else if (!option->get_default_str().empty()) {
            values.push_back(option->get_default_str());
        } else if (option->get_items_expected_max() == 0) {
            values.emplace_back("false");
        }
        if (is_secret(key)) {
            for (std::string& value : values) {
                if (value.find('@') != std::string::npos) value = "(not shown: it may hold a password)";
            }
        }
        out += fmt::format("{} = {}  # {}\n", key, toml_values(*option, values),
                           is_default ? "default" : source->second);
    }
    return out;
}

}  // namespace hepcap::cli
