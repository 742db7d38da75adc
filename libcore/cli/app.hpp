// The edge that all tools share: words become options, options become work, and whatever happens
// becomes an exit status.
//
//   int main(int argc, char** argv) {
//       return cli::run<Options>(argc, argv, {"hepcap-decode", "…", "…"}, describe, decode);
//   }
//
// `describe(CLI::App&, Options&)` ties options to members and touches no file; `decode(const Options&,
// StderrLog&)` works and returns an ExitCode.  Each can be tested without the other.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/stderr_log.hpp"

namespace hepcap::cli {

// Names of the option groups, in the order of --help.
namespace group {
inline constexpr const char* input = "Input";
inline constexpr const char* selection = "Selection";
inline constexpr const char* output = "Output";
inline constexpr const char* database = "Database";
inline constexpr const char* tables = "Tables";
inline constexpr const char* control = "Control";
inline constexpr const char* common = "Common";
}  // namespace group

struct Program {
    std::string name;      // hepcap-decode
    std::string purpose;   // one line
    std::string examples;  // lines for --help, two at least
    std::string usage{};   // for --help, where it is not [OPTION]... and the operands
};

// What every tool takes: -q -v -n -h -V --log-format --config --print-config --check-config.
struct CommonOptions {
    bool quiet = false;
    bool verbose = false;
    bool no_names = false;  // -n: accepted for the fingers' sake; hepcap never looks up names
    std::string log_format = "text";
    std::vector<std::string> config_files;
    bool print_config = false;
    bool check_config = false;
    std::string completion;  // bash, zsh or fish: print and end
};

// Which records: -Y, -c and -e, the same in every tool that reads or makes records.
struct SelectionOptions {
    std::string filter;
    std::uint64_t count = 0;  // 0: all
    bool fail_empty = false;
};

void add_selection_options(CLI::App& app, SelectionOptions& options);

// Which packets: -f and -F, a BPF expression or the file that holds it.
struct CaptureFilterOptions {
    std::string expression;
    std::string file;
};

void add_capture_filter_options(CLI::App& app, CaptureFilterOptions& options);

// Makes an option one that may be given several times, a value each, so that it takes no operand that
// follows it.
CLI::Option* repeatable(CLI::Option* option);

// Makes the parser of a tool, behind its own options.  Exposed for tests and completions.
void add_common_options(CLI::App& app, CommonOptions& options);

// Parses, then works; every exception ends here.  Never throws.  With --check-config `check` stands in
// place of the work: it throws Error for values that the work would refuse, and touches nothing.
int run_program(
    int argc, char** argv, const Program& program, const std::function<void(CLI::App&)>& describe,
    const std::function<ExitCode(StderrLog&)>& work,
    const std::function<void(StderrLog&)>& check = [](StderrLog&) {});

template <class Options>
int run(
    int argc, char** argv, const Program& program, void (*describe)(CLI::App&, Options&),
    ExitCode (*work)(const Options&, StderrLog&),
    void (*check)(const Options&, StderrLog&) = [](const Options&, StderrLog&) {}) {
    Options options;
    return run_program(
        argc, argv, program, [&](CLI::App& app) { describe(app, options); },
        [&](StderrLog& log) { return work(options, log); }, [&](StderrLog& log) { check(options, log); });
}

// Checks in our own words: an error says what was given and what may be.
CLI::Validator one_of(std::vector<std::string> words);
// A whole number, with the range in the message.
CLI::Validator between(std::int64_t low, std::int64_t high);

// Splits "a,b,c"; empty elements are left out.
std::vector<std::string> split_list(std::string_view text, char separator);

// What to read: the files of -r, then the operands; "-" where none is named and stdin is no terminal.
// `what` is the plural for the sentence: "capture files".
std::vector<std::string> input_names(const std::vector<std::string>& read,
                                     const std::vector<std::string>& operands, std::string_view what);

// Throws Error (usage) where the file `output`, which is about to be created, is one of the inputs.
void refuse_input_as_output(const std::string& output, const std::vector<std::string>& inputs);

// The whole of a small file, without a line end at its end; throws Error.
std::string read_small_file(const std::string& path, std::string_view what);

}  // namespace hepcap::cli
