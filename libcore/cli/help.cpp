#include "cli/help.hpp"

#include <fmt/core.h>

namespace hepcap::cli {

namespace {

constexpr std::size_t width = 80;
constexpr std::size_t column = 26;  // where descriptions begin

// `text` in lines of at most `width` characters, each after the first indented to `column`.
std::string wrap(std::string_view text, std::size_t start) {
    std::string out;
    std::size_t at = start;
    while (!text.empty()) {
        const std::size_t end = text.find(' ');
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (at > column && at + 1 + word.size() > width) {
            out.append("\n").append(column, ' ');
            at = column;
        } else if (at > column) {
            out.push_back(' ');
            ++at;
        }
        out.append(word);
        at += word.size();
    }
    return out;
}

class Formatter : public CLI::Formatter {
public:
    explicit Formatter(Program program) : program_(std::move(program)) {}

    std::string make_help(const CLI::App* app, std::string /*name*/, CLI::AppFormatMode) const override {
        std::string out =
            fmt::format("{} - {}\n\nExamples:\n{}\n", program_.name, program_.purpose, program_.examples);
        const std::string usage = program_.usage.empty() ? "[OPTION]..." + operands(app) : program_.usage;
        out += fmt::format("Usage: {} {}\n", program_.name, usage);
        for (const std::string& group : app->get_groups()) {
            if (group != group::common) out += make_section(app, group);
        }
        out += make_section(app, group::common);
        return out + fmt::format("\nSee {}(1) and hepcap(7).\n", program_.name);
    }

private:
    static std::string operands(const CLI::App* app) {
        for (const CLI::Option* option : app->get_options()) {
            if (option->get_positional()) return fmt::format(" [{}]...", option->get_type_name());
        }
        return {};
    }

    static std::string make_section(const CLI::App* app, const std::string& group) {
        std::string lines;
        for (const CLI::Option* option : app->get_options()) {
            if (option->get_group() == group && option->nonpositional()) lines += make_line(option);
        }
        return group.empty() || lines.empty() ? "" : fmt::format("\n{}:\n{}", group, lines);
    }

    static std::string make_line(const CLI::Option* option) {
        std::string names = "  ";
        for (const std::string& name : option->get_snames()) names += "-" + name + ", ";
        if (option->get_snames().empty()) names += "    ";
        for (const std::string& name : option->get_lnames()) names += "--" + name + ", ";
        names.erase(names.size() - (option->get_snames().empty() && option->get_lnames().empty() ? 0 : 2));
        if (!option->get_type_name().empty()) {
            // A flag with a type may have a value, behind an equals sign.
            const std::string& type = option->get_type_name();
            names += option->get_items_expected_max() == 0 ? "[=" + type + "]" : " " + type;
        }
        std::string text = option->get_description();
        if (!option->get_default_str().empty()) text += " [" + option->get_default_str() + "]";
        if (names.size() + 2 > column) {
            names += "\n" + std::string(column, ' ');
        } else {
            names.append(column - names.size(), ' ');
        }
        return names + wrap(text, column) + "\n";
    }

    Program program_;
};

}  // namespace

void use_help_of_house(CLI::App& app, const Program& program) {
    app.formatter(std::make_shared<Formatter>(program));
}

}  // namespace hepcap::cli
