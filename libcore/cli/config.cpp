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
#include "cli/documented_options.hpp"
#include "cli/parse_error.hpp"

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

bool is_list(const CLI::Option& option) {
    return option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
}

void set_option(CLI::Option& option, const std::vector<std::string>& values, const std::string& where) {
    try {
        option.clear();
        if (values.empty() && is_list(option)) return;  // none, whatever a weaker source says
        if (values.size() != 1 && !is_list(option))
            throw Error(where + ": it has one value", ExitCode::usage);
        for (const std::string& value : values) option.add_result(value);
        option.run_callback();
    } catch (const CLI::Error& e) {
        // The sentence begins with the name of the option, which `where` has said.
        const std::string text = sentence_of(e);
        const std::string name = option.get_name() + ": ";
        throw Error(fmt::format("{}: {}", where, text.starts_with(name) ? text.substr(name.size()) : text),
                    ExitCode::usage);
    }
}

// The members of a table as they stand in the file; toml++ has them by name.
std::vector<std::pair<std::string, const toml::node*>> in_file_order(const toml::table& table) {
    std::vector<std::pair<std::string, const toml::node*>> members;
    for (const auto& [name, node] : table) members.emplace_back(name.str(), &node);
    std::ranges::stable_sort(members, {}, [](const auto& m) { return m.second->source().begin.line; });
    return members;
}

// The variables HEPCAP_… of the process that none of `keys` reads, nor another tool.
std::vector<std::string> unread_variables(const std::vector<std::string>& keys) {
    std::vector<std::string> names;
    for (char* const* entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view variable(*entry);
        const std::string name(variable.substr(0, variable.find('=')));
        const auto is_it = [&](std::string_view key) { return variable_of(std::string(key)) == name; };
        if (name.starts_with("HEPCAP_") && std::none_of(keys.begin(), keys.end(), is_it) &&
            std::none_of(documented_options.begin(), documented_options.end(), is_it)) {
            names.push_back(name);
        }
    }
    return names;
}

// Reads the sources from the strongest to the weakest: what is set stays.
class Configurer {
public:
    enum class OnProblem : std::uint8_t { stop, go_on };

    Configurer(CLI::App& app, std::string section, OnProblem on_problem)
        : app_(app), section_(std::move(section)), on_problem_(on_problem), keys_(keys_of(app)) {
        for (const std::string& key : keys_) {
            if (app.get_option("--" + key)->count() > 0) note_source(key, "command line");
        }
    }

    void read_environment() {
        ++rank_;
        for (const std::string& key : keys_) {
            const std::string variable = variable_of(key);
            if (const char* const value = std::getenv(variable.c_str()))
                set(key, {value}, "$" + variable, "$" + variable);
        }
        std::vector<std::string> variables;
        for (const std::string& key : keys_) variables.push_back(variable_of(key));
        const std::vector<std::string_view> candidates(variables.begin(), variables.end());
        for (const std::string& name : unread_variables(keys_)) {
            const std::string suggestion = did_you_mean_variable(name, candidates);
            if (!suggestion.empty()) {
                refuse(
                    fmt::format("${}: there is no such variable of hepcap-{}{}", name, section_, suggestion));
            } else if (on_problem_ == OnProblem::go_on) {
                report_.remarks.push_back(fmt::format("${}: no hepcap tool reads such a variable", name));
            }
        }
    }

    void read_file(const std::string& path) {
        ++rank_;
        if (::access(path.c_str(), R_OK) != 0) {
            refuse(fmt::format("cannot open the configuration '{}': {}", path, errno_text(errno)));
            return;
        }
        report_.files.push_back(path);
        toml::table root;
        try {
            root = toml::parse_file(path);
        } catch (const toml::parse_error& e) {
            refuse(fmt::format("'{}' line {}: {}", path, e.source().begin.line, e.description()));
            return;
        }
        check_sections(path, root);
        const toml::node* const section = root.get(section_);
        if (!section || !section->is_table()) return;
        for (const auto& [name, node] : in_file_order(*section->as_table())) apply(path, name, *node);
    }

    ConfigReport take_report() { return std::move(report_); }

private:
    void refuse(std::string sentence) {
        if (on_problem_ == OnProblem::stop) throw Error(sentence, ExitCode::usage);
        report_.problems.push_back(std::move(sentence));
    }

    void note_source(const std::string& key, const std::string& source) {
        report_.source_of[key] = source;
        rank_of_[key] = rank_;
    }

    // "; did you mean '$HEPCAP_NODE'?"; the prefix that all share must not make them alike.  HEPCAP_DB is
    // meant for HEPCAP_DB_URL, however many letters are missing.
    static std::string did_you_mean_variable(std::string_view name,
                                             const std::vector<std::string_view>& candidates) {
        constexpr std::size_t prefix = std::string_view("HEPCAP_").size();
        const std::string_view word = name.substr(prefix);
        std::vector<std::string_view> bare;
        for (const std::string_view candidate : candidates) bare.push_back(candidate.substr(prefix));
        std::string_view near = nearest(word, bare);
        for (const std::string_view candidate : bare) {
            if (near.empty() && !word.empty() && candidate.starts_with(word) && candidate[word.size()] == '_')
                near = candidate;
        }
        return near.empty() ? "" : fmt::format("; did you mean '$HEPCAP_{}'?", near);
    }

    // A section that no tool reads is a slip of the pen, and silence would hide it.
    void check_sections(const std::string& path, const toml::table& root) {
        constexpr std::array<std::string_view, 7> tools{"listen", "raw",  "decode", "load",
                                                        "report", "send", "ctl"};
        for (const auto& [section, node] : in_file_order(root)) {
            const std::string where = fmt::format("'{}' line {}", path, node->source().begin.line);
            if (!node->is_table()) {
                refuse(fmt::format(
                    "{}: '{}' is in no section; put it behind [decode], [load] or another tool's name", where,
                    section));
            } else if (std::find(tools.begin(), tools.end(), section) == tools.end()) {
                const std::string_view bare =
                    section.starts_with("hepcap-") ? std::string_view(section).substr(7) : section;
                refuse(
                    fmt::format("{}: there is no section '{}'{}", where, section, did_you_mean(bare, tools)));
            }
        }
    }

    void apply(const std::string& path, const std::string& key, const toml::node& node) {
        const std::string where = fmt::format("'{}' line {}, key '{}'", path, node.source().begin.line, key);
        if (std::find(keys_.begin(), keys_.end(), key) == keys_.end()) {
            const std::vector<std::string_view> candidates(keys_.begin(), keys_.end());
            refuse(fmt::format("{}: there is no such option of {}{}", where, section_,
                               did_you_mean(key, candidates)));
            return;
        }
        std::vector<std::string> values;
        try {
            if (const auto* array = node.as_array()) {
                for (const toml::node& element : *array) values.push_back(value_text(element, where));
            } else {
                values.push_back(value_text(node, where));
            }
        } catch (const Error& e) {
            refuse(e.what());
            return;
        }
        set(key, values, where, path);
    }

    void set(const std::string& key, const std::vector<std::string>& values, const std::string& where,
             const std::string& source) {
        CLI::Option& option = *app_.get_option("--" + key);
        if (report_.source_of.contains(key) || is_displaced(key, option, where)) return;
        try {
            set_option(option, values, where);
            note_source(key, source);
        } catch (const Error& e) {
            refuse(e.what());
        }
    }

    // Whether another option was chosen in place of this one.
    bool is_displaced(const std::string& key, const CLI::Option& option, const std::string& where) {
        bool is_chosen = false;
        for (const CLI::Option* const other : option.get_excludes()) {
            const std::string& name = other->get_lnames().front();
            const auto rank = rank_of_.find(name);
            if (rank == rank_of_.end()) continue;
            is_chosen = true;
            if (rank->second == rank_)
                refuse(
                    fmt::format("{}: '{}' and '{}' exclude each other; keep one of them", where, key, name));
        }
        return is_chosen;
    }

    CLI::App& app_;
    std::string section_;
    OnProblem on_problem_;
    std::vector<std::string> keys_;
    int rank_ = 0;  // of the source that is being read: 0 is the command line, more is weaker
    std::map<std::string, int> rank_of_;
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
    if (is_list(option)) return fmt::format("[{}]", fmt::join(texts, ", "));
    return texts.empty() ? "" : texts.back();
}

// Whether an option that excludes this one was chosen.
bool is_displaced(const CLI::Option& option, const std::map<std::string, std::string>& source_of) {
    return std::ranges::any_of(option.get_excludes(), [&](const CLI::Option* other) {
        return source_of.contains(other->get_lnames().front());
    });
}

ConfigReport configure(CLI::App& app, const std::string& program, std::vector<std::string> files,
                       Configurer::OnProblem on_problem) {
    constexpr std::string_view prefix = "hepcap-";
    Configurer configurer(app, program.substr(prefix.size()), on_problem);
    configurer.read_environment();
    if (const char* const named = std::getenv("HEPCAP_CONFIG"); named && *named && files.empty())
        files.emplace_back(named);
    std::vector<std::string> paths{"/etc/hepcap/hepcap.toml"};
    if (const auto user = user_file()) paths.push_back(*user);
    std::erase_if(paths, [](const std::string& path) { return ::access(path.c_str(), F_OK) != 0; });
    paths.insert(paths.end(), files.begin(), files.end());
    std::ranges::reverse(paths);
    for (const std::string& path : paths) configurer.read_file(path);
    return configurer.take_report();
}

}  // namespace

ConfigReport apply_config(CLI::App& app, const std::string& program, const std::vector<std::string>& files) {
    return configure(app, program, files, Configurer::OnProblem::stop);
}

ConfigReport check_config(CLI::App& app, const std::string& program, const std::vector<std::string>& files) {
    return configure(app, program, files, Configurer::OnProblem::go_on);
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
        // What has no value, or stands back behind one that excludes it, is a comment: so the text is a
        // configuration again.
        if (is_default && values.empty()) {
            out += fmt::format("# {} ={}\n", key, is_list(*option) ? " []" : "");
            continue;
        }
        const bool is_comment = is_default && is_displaced(*option, source_of);
        out += fmt::format("{}{} = {}  # {}\n", is_comment ? "# " : "", key, toml_values(*option, values),
                           is_default ? "default" : source->second);
    }
    return out;
}

}  // namespace hepcap::cli
