#include "cli/completion.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace hepcap::cli {

namespace {

// What may stand behind an option, told by the name of its value.
struct ValueKind {
    std::string_view type_name;
    std::string_view bash;
    std::string_view zsh;
    std::string_view fish;
};

constexpr ValueKind capture_kind{
    "CAPTURE",
    "COMPREPLY=($(compgen -f -X '!*.@(pcap|pcapng|cap)?(.gz|.zst)' -- \"$cur\") $(compgen -d -- \"$cur\"))",
    "_files -g \"*.(pcap|pcapng|cap)(|.gz|.zst)(-.)\"", "-F"};

constexpr std::array value_kinds{
    capture_kind,
    ValueKind{"FILE", "COMPREPLY=($(compgen -f -- \"$cur\"))", "_files", "-F"},
    ValueKind{"PATH", "COMPREPLY=($(compgen -f -- \"$cur\"))", "_files", "-F"},
    // What hepcap-ctl is told; names of methods, which have a dot, are not completed.
    ValueKind{"COMMAND",
              "COMPREPLY=($(compgen -W \"on off check counters version uptime methods\" -- \"$cur\"))",
              "(on off check counters version uptime methods)",
              "-x -a \"on off check counters version uptime methods\""},
    // Of hepcap-report: the report, then files.
    ValueKind{"REPORT", "COMPREPLY=($(compgen -W capture -- \"$cur\") $(compgen -f -- \"$cur\"))",
              "_alternative \"reports:report:(capture)\" \"files:file:_files\"", "-a capture"},
    ValueKind{"RECORDS", "COMPREPLY=($(compgen -f -- \"$cur\"))", "_files", "-F"},
    ValueKind{"INTERFACE", "COMPREPLY=($(compgen -W \"any $(ls /sys/class/net)\" -- \"$cur\"))",
              "_net_interfaces", "-x -a \"any (ls /sys/class/net)\""},
    ValueKind{"USER", "COMPREPLY=($(compgen -u -- \"$cur\"))", "_users", "-x -a \"(__fish_complete_users)\""},
    ValueKind{"DIR", "COMPREPLY=($(compgen -d -- \"$cur\"))", "_files -/",
              "-x -a \"(__fish_complete_directories)\""},
};

const ValueKind* find_kind(const std::string& type_name) {
    const auto* const found =
        std::find_if(value_kinds.begin(), value_kinds.end(),
                     [&](const ValueKind& kind) { return kind.type_name == type_name; });
    return found == value_kinds.end() ? nullptr : found;
}

// Words for options that take one of a few: the type name lists them, as in ndjson|text|csv.  Capitals
// stand for a user's own words, as in NAME|NAME.
std::vector<std::string> choices(const CLI::Option& option) {
    std::vector<std::string> words;
    std::string type = option.get_type_name();
    const bool has_capitals =
        std::any_of(type.begin(), type.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (has_capitals || type.find('|') == std::string::npos) return words;
    for (std::size_t bar = 0; bar != std::string::npos;) {
        bar = type.find('|');
        words.push_back(type.substr(0, bar));
        if (bar != std::string::npos) type.erase(0, bar + 1);
    }
    return words;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> spellings(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const std::string& name : option.get_snames()) names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
    return names;
}

std::vector<const CLI::Option*> visible(const CLI::App& app) {
    std::vector<const CLI::Option*> options;
    for (const CLI::Option* option : app.get_options()) {
        if (option->nonpositional() && !option->get_group().empty()) options.push_back(option);
    }
    return options;
}

std::string function_name(const std::string& program) {
    std::string name = "_" + program;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

// What the tool's operands are completed with.
const ValueKind& operand_kind(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_positional()) continue;
        if (const ValueKind* kind = find_kind(option->get_type_name())) return *kind;
    }
    return capture_kind;
}

std::string bash_script(const CLI::App& app) {
    const std::string& program = app.get_name();
    const std::string function = function_name(program);
    std::string cases;
    std::vector<std::string> words;
    for (const CLI::Option* option : visible(app)) {
        const std::vector<std::string> names = spellings(*option);
        words.insert(words.end(), names.begin(), names.end());
        if (!takes_value(*option)) continue;
        std::string action = "COMPREPLY=()";
        if (const auto list = choices(*option); !list.empty()) {
            action = fmt::format("COMPREPLY=($(compgen -W \"{}\" -- \"$cur\"))", fmt::join(list, " "));
        } else if (const ValueKind* kind = find_kind(option->get_type_name())) {
            action = kind->bash;
        }
        cases += fmt::format("        {})\n            {}\n            return ;;\n", fmt::join(names, "|"),
                             action);
    }
    return fmt::format(
        "# bash completion for {0}, made by the tool itself.\n"
        "shopt -s extglob\n"
        "{1}()\n{{\n"
        "    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}\n"
        "    case $prev in\n{2}    esac\n"
        "    if [[ $cur == -* ]]; then\n"
        "        COMPREPLY=($(compgen -W \"{3}\" -- \"$cur\"))\n"
        "    else\n        {4}\n    fi\n}}\n"
        "complete -o filenames -F {1} {0}\n",
        program, function, cases, fmt::join(words, " "), operand_kind(app).bash);
}

std::string escape_zsh(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
            continue;
        }
        if (c == '[' || c == ']' || c == ':') out.push_back('\\');
        out.push_back(c);
    }
    return out;
}

std::string zsh_script(const CLI::App& app) {
    std::string lines;
    for (const CLI::Option* option : visible(app)) {
        std::string value;
        if (takes_value(*option)) {
            value = fmt::format(":{}:", escape_zsh(option->get_type_name()));
            if (const auto list = choices(*option); !list.empty()) {
                value = fmt::format(":value:({})", fmt::join(list, " "));
            } else if (const ValueKind* kind = find_kind(option->get_type_name())) {
                value += kind->zsh;
            }
        }
        for (const std::string& name : spellings(*option)) {
            const std::string_view assign = takes_value(*option) && name.starts_with("--") ? "=" : "";
            lines += fmt::format("    '*{}{}[{}]{}' \\\n", name, assign,
                                 escape_zsh(option->get_description()), value);
        }
    }
    return fmt::format(
        "#compdef {0}\n# zsh completion for {0}, made by the tool itself.\n_arguments -s \\\n{1}    "
        "'*:file:{2}'\n",
        app.get_name(), lines, operand_kind(app).zsh);
}

std::string fish_script(const CLI::App& app) {
    std::string out = fmt::format("# fish completion for {0}, made by the tool itself.\n", app.get_name());
    for (const CLI::Option* option : visible(app)) {
        std::string line = fmt::format("complete -c {}", app.get_name());
        for (const std::string& name : option->get_snames()) line += " -s " + name;
        for (const std::string& name : option->get_lnames()) line += " -l " + name;
        if (takes_value(*option)) {
            const ValueKind* const kind = find_kind(option->get_type_name());
            if (const auto list = choices(*option); !list.empty()) {
                line += fmt::format(" -x -a \"{}\"", fmt::join(list, " "));
            } else {
                line += kind ? fmt::format(" -r {}", kind->fish) : " -x";
            }
        }
        std::string text;
        for (const char c : option->get_description()) {
            if (c == '\'' || c == '\\') text.push_back('\\');
            text.push_back(c);
        }
        out += fmt::format("{} -d '{}'\n", line, text);
    }
    // Files come by themselves.
    const std::string_view operands = operand_kind(app).fish;
    if (operands != "-F") out += fmt::format("complete -c {} {}\n", app.get_name(), operands);
    return out;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
    if (shell == "bash") return bash_script(app);
    return shell == "zsh" ? zsh_script(app) : fish_script(app);
}

}  // namespace hepcap::cli
