#include "cli/app.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/nearest.hpp"
#include "base/output.hpp"
#include "cli/completion.hpp"
#include "cli/config.hpp"
#include "cli/help.hpp"
#include "cli/parse_error.hpp"
#include "cli/version.hpp"

namespace hepcap::cli {

namespace {

std::vector<std::string> long_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

// One sentence for a command line that cannot be understood.
std::string usage_sentence(const CLI::App& app, const CLI::ParseError& e) {
    if (dynamic_cast<const CLI::ExtrasError*>(&e)) {
        const std::vector<std::string> extras = app.remaining(true);
        const std::string word = extras.empty() ? "?" : extras.front();
        if (!word.starts_with('-')) return fmt::format("'{}' is one word too many", word);
        const std::vector<std::string> names = long_names(app);
        const std::vector<std::string_view> candidates(names.begin(), names.end());
        return fmt::format("there is no option '{}'{}", word,
                           did_you_mean(word.substr(0, word.find('=')), candidates));
    }
    return sentence_of(e);
}

// An empty value is most often a variable of the shell that is not set: taken for none it would leave out a
// key, or load into another database than the one meant.  Of these the empty text is a value.
bool may_be_empty(const CLI::Option& option) {
    constexpr std::array<std::string_view, 6> keys{"filter",      "capture-filter", "forward-if",
                                                   "aleg-header", "topoh-prefix",   "node"};
    const bool has_value = option.get_items_expected_min() > 0 && !option.get_lnames().empty();
    return !has_value || std::ranges::find(keys, option.get_lnames().front()) != keys.end();
}

void refuse_empty_values(CLI::App& app) {
    const CLI::Validator is_not_empty(
        [](std::string& given) {
            return given.empty() ? std::string("the value is empty; give one, or leave the option out")
                                 : std::string();
        },
        "", "not_empty");
    for (CLI::Option* option : app.get_options()) {
        if (!may_be_empty(*option)) option->check(is_not_empty);
    }
}

ExitCode fail_usage(const Program& program, const std::string& sentence) {
    StderrLog(program.name, Verbosity::normal, LogFormat::text).error(sentence);
    std::cerr << "Try '" << program.name << " --help'.\n";
    return ExitCode::usage;
}

// What is asked of the tool itself goes where records go, and a full disk is the same error.
int print(const std::string& text) {
    Output out(STDOUT_FILENO, "standard output");
    out.append(text);
    out.close();
    return static_cast<int>(ExitCode::done);
}

// --check-config: everything that is wrong, a line each.
ExitCode report_problems(const ConfigReport& report, const std::function<void(StderrLog&)>& check,
                         StderrLog& log) {
    for (const std::string& remark : report.remarks) log.warn(remark);
    for (const std::string& problem : report.problems) log.error(problem);
    if (!report.problems.empty()) return ExitCode::usage;
    try {
        check(log);
    } catch (const Error& e) {
        log.error(e.what());
        return ExitCode::usage;
    }
    log.inform(report.files.empty() ? "the configuration is in order; there are no files of it"
                                    : fmt::format("the configuration is in order; read: '{}'",
                                                  fmt::join(report.files, "', '")));
    return ExitCode::done;
}

Verbosity verbosity_of(const CommonOptions& common) {
    if (common.quiet) return Verbosity::quiet;
    return common.verbose ? Verbosity::verbose : Verbosity::normal;
}

ExitCode work_and_report(const std::function<ExitCode(StderrLog&)>& work, StderrLog& log) {
    try {
        const ExitCode code = work(log);
        log.end_progress();
        return code == ExitCode::done && log.has_errors() ? ExitCode::data_error : code;
    } catch (const Error& e) {
        log.error(e.what());
        return e.code();
    } catch (const std::bad_alloc&) {
        log.error("out of memory; give the process more, or the input in smaller pieces");
        return ExitCode::temporary;
    } catch (const std::exception& e) {
        log.error(fmt::format("unexpected: {}", e.what()));
        return ExitCode::data_error;
    }
}

}  // namespace

void add_capture_filter_options(CLI::App& app, CaptureFilterOptions& options) {
    app.add_option("-f,--capture-filter", options.expression,
                   "Only packets that this BPF expression (pcap-filter(7)) passes")
        ->type_name("EXPR")
        ->group(group::input);
    app.add_option("-F,--capture-filter-file", options.file, "The same, read from a file")
        ->type_name("FILE")
        ->group(group::input);
}

void add_selection_options(CLI::App& app, SelectionOptions& o) {
    app.add_option("-Y,--filter", o.filter, "Only records that match, e.g. 'method == \"INVITE\"'")
        ->type_name("EXPR")
        ->group(group::selection);
    app.add_option("-c,--count", o.count, "Stop after N records")
        ->type_name("N")
        ->check(between(1, std::numeric_limits<std::int64_t>::max()))
        ->group(group::selection);
    app.add_flag("-e,--fail-empty", o.fail_empty, "Exit with status 4 if nothing matched")
        ->group(group::selection);
}

CLI::Option* repeatable(CLI::Option* option) {
    return option->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_common_options(CLI::App& app, CommonOptions& o) {
    app.set_help_flag("-h,--help", "Print this help and exit")->configurable(false)->group(group::common);
    app.set_version_flag(
           "-V,--version", [&app] { return version_text(app.get_name()); },
           "Print version and libraries and exit")
        ->configurable(false)
        ->group(group::common);
    app.add_flag("-q,--quiet", o.quiet, "Say nothing but errors")->group(group::common);
    app.add_flag("-v,--verbose", o.verbose, "Print the counters at the end")->group(group::common);
    app.add_flag("-n", o.no_names, "Accepted and ignored: addresses are never turned into names")
        ->group(group::common);
    app.add_option("--log-format", o.log_format, "Form of messages on stderr: text or json")
        ->check(one_of({"text", "json"}))
        ->type_name("text|json")
        ->capture_default_str()
        ->group(group::common);
    repeatable(app.add_option("--config", o.config_files,
                              "Configuration file (TOML) read after the system's and the user's"))
        ->type_name("FILE")
        ->configurable(false)
        ->group(group::common);
    app.add_flag("--print-config", o.print_config, "Print each option's value and where it is from, and exit")
        ->configurable(false)
        ->group(group::common);
    app.add_flag("--check-config", o.check_config,
                 "Say what is wrong with the configuration, and exit: 0 if nothing is, 2 if something is")
        ->configurable(false)
        ->group(group::common);
    app.add_option("--completion", o.completion, "Print the completion of a shell")
        ->check(one_of({"bash", "zsh", "fish"}))
        ->group("");  // hidden: for the build
    refuse_empty_values(app);
}

int run_program(int argc, char** argv, const Program& program, const std::function<void(CLI::App&)>& describe,
                const std::function<ExitCode(StderrLog&)>& work,
                const std::function<void(StderrLog&)>& check) {
    // A reader that has enough, such as head, ends the tool quietly, whatever the parent process made of
    // the signal.
    std::signal(SIGPIPE, SIG_DFL);
    // A file that may not grow (ulimit -f) is an error like a full disk, with a sentence.
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        CLI::App app(program.purpose, program.name);
        CommonOptions common;
        describe(app);
        add_common_options(app, common);
        use_help_of_house(app, program);
        try {
            app.parse(argc, argv);
        } catch (const CLI::Success& e) {  // --help, --version
            std::ostringstream text;
            app.exit(e, text, text);
            return print(text.str());
        } catch (const CLI::ParseError& e) {
            return static_cast<int>(fail_usage(program, usage_sentence(app, e)));
        }
        if (!common.completion.empty()) return print(completion_script(app, common.completion));
        const ConfigReport report = common.check_config
                                        ? check_config(app, program.name, common.config_files)
                                        : apply_config(app, program.name, common.config_files);
        if (common.print_config) return print(report.to_text(app));
        StderrLog log(program.name, verbosity_of(common),
                      common.log_format == "json" ? LogFormat::json : LogFormat::text);
        return static_cast<int>(common.check_config ? report_problems(report, check, log)
                                                    : work_and_report(work, log));
    } catch (const Error& e) {
        return static_cast<int>(
            e.code() == ExitCode::usage
                ? fail_usage(program, e.what())
                : (StderrLog(program.name, Verbosity::normal, LogFormat::text).error(e.what()), e.code()));
    } catch (const std::exception& e) {
        StderrLog(program.name, Verbosity::normal, LogFormat::text).error(e.what());
        return static_cast<int>(ExitCode::data_error);
    }
}

CLI::Validator one_of(std::vector<std::string> words) {
    const std::string list = fmt::format("{}", fmt::join(words, ", "));
    return CLI::Validator(
        [words, list](std::string& given) {
            if (std::find(words.begin(), words.end(), given) != words.end()) return std::string{};
            return fmt::format("'{}' is none of {}", given, list);
        },
        "", "one_of");
}

CLI::Validator between(std::int64_t low, std::int64_t high) {
    return CLI::Validator(
        [low, high](std::string& given) {
            std::int64_t value = 0;
            const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
            if (error == std::errc{} && end == given.data() + given.size() && value >= low && value <= high)
                return std::string{};
            if (high == std::numeric_limits<std::int64_t>::max()) {
                return fmt::format("'{}' is no whole number from {} up", given, low);
            }
            return fmt::format("'{}' is no whole number from {} to {}", given, low, high);
        },
        "", "between");
}

std::vector<std::string> split_list(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = text.find(separator);
        if (end != 0) parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return parts;
}

std::vector<std::string> input_names(const std::vector<std::string>& read,
                                     const std::vector<std::string>& operands, std::string_view what) {
    std::vector<std::string> names = read;
    names.insert(names.end(), operands.begin(), operands.end());
    if (!names.empty()) return names;
    if (isatty(STDIN_FILENO) != 0) {
        throw Error(fmt::format("there is nothing to read: name {} or pipe one in", what), ExitCode::usage);
    }
    return {"-"};
}

void refuse_input_as_output(const std::string& output, const std::vector<std::string>& inputs) {
    struct stat out {};
    if (::stat(output.c_str(), &out) != 0 || !S_ISREG(out.st_mode)) return;
    for (const std::string& input : inputs) {
        struct stat in {};
        const int status = input == "-" ? ::fstat(STDIN_FILENO, &in) : ::stat(input.c_str(), &in);
        if (status == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino) {
            throw Error(fmt::format("'{}' is what is to be read; writing to it would destroy it", output),
                        ExitCode::usage);
        }
    }
}

std::string read_small_file(const std::string& path, std::string_view what) {
    constexpr std::size_t limit = 1024 * 1024;
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw Error(fmt::format("cannot open the {} '{}': {}", what, path, errno_text(errno)),
                    ExitCode::usage);
    std::string text(limit + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.bad())
        throw Error(fmt::format("cannot read the {} '{}': {}", what, path, errno_text(errno)),
                    ExitCode::usage);
    if (text.size() > limit)
        throw Error(fmt::format("the {} '{}' is larger than 1 MiB", what, path), ExitCode::usage);
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
}

}  // namespace hepcap::cli
