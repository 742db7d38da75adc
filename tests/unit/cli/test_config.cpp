#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "cli/app.hpp"
#include "cli/completion.hpp"
#include "cli/config.hpp"
#include "cli/help.hpp"

using namespace hepcap;

namespace {

struct Options {
    std::string node = "homer01";
    std::vector<std::string> headers;
    std::uint64_t count = 0;
    bool flush = false;
    std::string db;
    std::string mode;
};

// A variable of the environment, for as long as the scope.
struct Variable {
    Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
    ~Variable() { unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
};

void describe(CLI::App& app, Options& o) {
    app.add_option("--node", o.node, "Name of the node")
        ->type_name("NAME")
        ->capture_default_str()
        ->group(cli::group::output);
    cli::repeatable(app.add_option("--custom-header", o.headers, "Header"))
        ->type_name("NAME")
        ->group(cli::group::output);
    app.add_option("-c,--count", o.count, "Stop after N")
        ->type_name("N")
        ->check(cli::between(1, 100))
        ->group(cli::group::selection);
    app.add_flag("-l,--flush", o.flush, "Write at once")->group(cli::group::output);
    app.add_option("-T,--type", "Form")->type_name("ndjson|text")->group(cli::group::output);
    CLI::Option* const db = app.add_option("--db", o.db, "Database")->group(cli::group::database);
    app.add_option("--mode", o.mode, "Destination")->excludes(db)->group(cli::group::database);
}

// A tool's parser after its command line, with a directory of its own for configuration files.
struct Tool {
    Tool() {
        directory = std::filesystem::temp_directory_path() / ("hepcap-config-" + std::to_string(getpid()));
        std::filesystem::create_directories(directory / "hepcap");
        setenv("XDG_CONFIG_HOME", directory.c_str(), 1);
        describe(app, options);
        cli::add_common_options(app, common);
    }
    ~Tool() {
        std::filesystem::remove_all(directory);
        unsetenv("XDG_CONFIG_HOME");
    }

    std::string write(const std::string& name, const std::string& text) {
        const std::string path = directory / name;
        std::ofstream(path) << text;
        return path;
    }

    cli::ConfigReport configure(const std::vector<std::string>& files = {}) {
        return cli::apply_config(app, "hepcap-decode", files);
    }

    std::string environment_sentence() {
        app.parse(std::vector<std::string>{});
        try {
            configure();
        } catch (const Error& e) {
            CHECK(e.code() == ExitCode::usage);
            return e.what();
        }
        return {};
    }

    std::string sentence_of(const std::string& text) {
        const std::string path = write("bad.toml", text);
        app.parse(std::vector<std::string>{});
        try {
            configure({path});
        } catch (const Error& e) {
            CHECK(e.code() == ExitCode::usage);
            return e.what();
        }
        return {};
    }

    Options options;
    cli::CommonOptions common;
    CLI::App app{"test", "hepcap-decode"};
    std::filesystem::path directory;
};

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("the command line stands before the environment, that before the files") {
        Tool tool;
        tool.write("hepcap/hepcap.toml",
                   "[decode]\nnode = 'user'\ncount = 7\nflush = true\n[load]\nnode = 'other'\n");
        const std::string given =
            tool.write("given.toml", "[decode]\ncount = 8\ncustom-header = ['A', 'B']\n");
        const Variable variable("HEPCAP_NODE", "environment");
        tool.app.parse(std::vector<std::string>{});
        const cli::ConfigReport report = tool.configure({given});
        CHECK(tool.options.node == "environment");
        CHECK(tool.options.count == 8);
        CHECK(tool.options.flush);
        CHECK(tool.options.headers == std::vector<std::string>{"A", "B"});
        CHECK(report.source_of.at("node") == "$HEPCAP_NODE");
        CHECK(report.source_of.at("count") == given);
        CHECK(report.to_text(tool.app).find("node = 'environment'  # $HEPCAP_NODE\n") != std::string::npos);
        CHECK(report.to_text(tool.app).find("\n# type =\n") != std::string::npos);
    }

    TEST_CASE("what --print-config prints is a configuration again") {
        Tool tool;
        const std::string given =
            tool.write("given.toml", "[decode]\ncount = 8\nflush = true\ncustom-header = ['A', 'B']\n");
        tool.app.parse(std::vector<std::string>{});
        const std::string printed = tool.configure({given}).to_text(tool.app);
        CHECK(printed.find("count = 8  # ") != std::string::npos);
        CHECK(printed.find("flush = true  # ") != std::string::npos);
        CHECK(printed.find("custom-header = ['A', 'B']  # ") != std::string::npos);
        CHECK(printed.find("print-config") == std::string::npos);
        Tool again;
        again.app.parse(std::vector<std::string>{});
        again.configure({again.write("printed.toml", printed)});
        CHECK(again.options.count == 8);
        CHECK(again.options.headers == std::vector<std::string>{"A", "B"});
        CHECK(again.options.db.empty());
    }

    TEST_CASE("an empty list is none, whatever a weaker source says") {
        Tool tool;
        tool.write("hepcap/hepcap.toml", "[decode]\ncustom-header = ['A']\n");
        const std::string given = tool.write("given.toml", "[decode]\ncustom-header = []\n");
        tool.app.parse(std::vector<std::string>{});
        const cli::ConfigReport report = tool.configure({given});
        CHECK(tool.options.headers.empty());
        CHECK(report.to_text(tool.app).find("custom-header = []  # " + given) != std::string::npos);
        CHECK(Tool().sentence_of("[decode]\nnode = ['a', 'b']\n").ends_with("key 'node': it has one value"));
    }

    TEST_CASE("an empty value is refused where it would be taken for none") {
        Tool tool;
        CHECK_THROWS_WITH_AS(tool.app.parse(std::vector<std::string>{"", "--db"}),
                             "--db: the value is empty; give one, or leave the option out", CLI::ParseError);
        CHECK_NOTHROW(Tool().app.parse(std::vector<std::string>{"", "--node"}));
        CHECK(Tool().sentence_of("[decode]\nmode = ''\n").find("key 'mode': the value is empty") !=
              std::string::npos);
        const Variable variable("HEPCAP_DB_URL", "");
        CHECK(Tool().environment_sentence().starts_with("$HEPCAP_DB_URL: the value is empty"));
    }

    TEST_CASE("what the command line says stays") {
        Tool tool;
        tool.write("hepcap/hepcap.toml", "[decode]\nnode = 'user'\n");
        tool.app.parse(std::vector<std::string>{"mine", "--node"});
        const cli::ConfigReport report = tool.configure();
        CHECK(tool.options.node == "mine");
        CHECK(report.source_of.at("node") == "command line");
    }

    TEST_CASE("of options that exclude each other the stronger source chooses") {
        Tool tool;
        tool.write("hepcap/hepcap.toml", "[decode]\ndb = 'of the user'\n");
        const std::string given = tool.write("given.toml", "[decode]\nmode = 'given'\n");
        SUBCASE("a file read later before one read earlier") {
            tool.app.parse(std::vector<std::string>{});
            const cli::ConfigReport report = tool.configure({given});
            CHECK(tool.options.mode == "given");
            CHECK(tool.options.db.empty());
            CHECK_FALSE(report.source_of.contains("db"));
        }
        SUBCASE("the command line before the environment and files") {
            const Variable variable("HEPCAP_MODE", "environment");
            tool.app.parse(std::vector<std::string>{"mine", "--db"});
            tool.configure({given});
            CHECK(tool.options.db == "mine");
            CHECK(tool.options.mode.empty());
        }
        SUBCASE("the environment before files") {
            const Variable variable("HEPCAP_DB_URL", "environment");
            tool.app.parse(std::vector<std::string>{});
            tool.configure({given});
            CHECK(tool.options.db == "environment");
            CHECK(tool.options.mode.empty());
        }
    }

    TEST_CASE("options that exclude each other from one source are refused") {
        const std::string sentence = Tool().sentence_of("[decode]\ndb = 'x'\nmode = 'y'\n");
        CHECK(sentence.find("line 3, key 'mode': 'mode' and 'db' exclude each other") != std::string::npos);
        Tool tool;
        const Variable one("HEPCAP_DB_URL", "x");
        const Variable other("HEPCAP_MODE", "y");
        CHECK(tool.environment_sentence().find("exclude each other") != std::string::npos);
    }

    TEST_CASE("a variable one slip from an option is refused, one near to nothing is not") {
        for (const auto& [name, meant] : {std::pair{"HEPCAP_NOED", "'$HEPCAP_NODE'"},
                                          {"HEPCAP_CUSTOM_HEADERS", "'$HEPCAP_CUSTOM_HEADER'"},
                                          {"HEPCAP_DB", "'$HEPCAP_DB_URL'"}}) {
            CAPTURE(name);
            const Variable variable(name, "x");
            const std::string sentence = Tool().environment_sentence();
            CHECK(sentence.find(std::string("$") + name + ": there is no such variable") == 0);
            CHECK(sentence.find(meant) != std::string::npos);
        }
        // What Kubernetes sets beside a service of that name, options of other tools, and what this test
        // suite itself uses.
        for (const char* const name :
             {"HEPCAP_SERVICE_HOST", "HEPCAP_PORT_9060_UDP_PROTO", "HEPCAP_MT_MODE", "HEPCAP_FIELDS",
              "HEPCAP_SHARED", "HEPCAP_BUILD", "HEPCAP_", "HEPCAP_NODE"}) {
            CAPTURE(name);
            const Variable variable(name, "x");
            CHECK(Tool().environment_sentence().empty());
        }
    }

    TEST_CASE("HEPCAP_CONFIG names a file, and --config stands in its place") {
        Tool tool;
        const std::string named = tool.write("named.toml", "[decode]\nnode = 'named'\ncount = 3\n");
        const std::string given = tool.write("given.toml", "[decode]\nnode = 'given'\n");
        const Variable variable("HEPCAP_CONFIG", named.c_str());
        tool.app.parse(std::vector<std::string>{});
        SUBCASE("alone") {
            tool.configure();
            CHECK(tool.options.node == "named");
        }
        SUBCASE("beside --config") {
            tool.configure({given});
            CHECK(tool.options.node == "given");
            CHECK(tool.options.count == 0);
        }
    }

    TEST_CASE("a check goes on behind an error and names them all") {
        Tool tool;
        const std::string bad =
            tool.write("bad.toml", "[decode]\nnod = 'x'\ncount = 1000\nnode = 2020-01-01\n[decod]\n");
        const std::string broken = tool.write("broken.toml", "[decode\n");
        const Variable slip("HEPCAP_FLUSHH", "true");
        const Variable strange("HEPCAP_SERVICE_HOST", "192.0.2.1");
        tool.app.parse(std::vector<std::string>{});
        const cli::ConfigReport report =
            cli::check_config(tool.app, "hepcap-decode", {bad, broken, tool.directory / "none.toml"});
        std::string all;
        for (const std::string& problem : report.problems) all += problem + "\n";
        CAPTURE(all);
        CHECK(report.problems.size() == 7);
        for (const char* const part :
             {"$HEPCAP_FLUSHH", "none.toml': No such file", "broken.toml' line 1", "line 2, key 'nod'",
              "line 3, key 'count'", "line 4, key 'node'", "line 5: there is no section 'decod'"}) {
            CAPTURE(part);
            CHECK(all.find(part) != std::string::npos);
        }
        std::string remarks;
        for (const std::string& remark : report.remarks) remarks += remark + "\n";
        CHECK(remarks.find("$HEPCAP_SERVICE_HOST: no hepcap tool reads") != std::string::npos);
    }

    TEST_CASE("an unknown key is refused and the nearest named") {
        const std::string sentence = Tool().sentence_of("[decode]\nnod = 'x'\n");
        CHECK(sentence.find("line 2, key 'nod'") != std::string::npos);
        CHECK(sentence.find("did you mean 'node'") != std::string::npos);
    }

    TEST_CASE("a value out of range, of the wrong type, and a file that is no TOML are refused") {
        CHECK(
            Tool().sentence_of("[decode]\ncount = 1000\n").find("'1000' is no whole number from 1 to 100") !=
            std::string::npos);
        CHECK(Tool().sentence_of("[decode]\nnode = 2020-01-01\n").find("key 'node'") != std::string::npos);
        CHECK(Tool().sentence_of("[decode\n").find("line 1") != std::string::npos);
        CHECK(Tool().sentence_of("decode = 1\n").find("'decode' is in no section") != std::string::npos);
        CHECK(Tool().sentence_of("[decod]\n").find("did you mean 'decode'") != std::string::npos);
        CHECK(Tool().sentence_of("[hepcap-decode]\n").find("did you mean 'decode'") != std::string::npos);
    }

    TEST_CASE("completions name every visible option, and the words it takes") {
        Tool tool;
        const std::string bash = cli::completion_script(tool.app, "bash");
        CHECK(bash.find("--custom-header") != std::string::npos);
        CHECK(bash.find("compgen -W \"ndjson text\"") != std::string::npos);
        CHECK(bash.find("--completion ") == std::string::npos);
        CHECK(cli::completion_script(tool.app, "zsh").find("'*--count=[Stop after N]:N:'") !=
              std::string::npos);
        CHECK(cli::completion_script(tool.app, "fish").find("-s c -l count -x -d 'Stop after N'") !=
              std::string::npos);
    }

    TEST_CASE("help begins with examples and keeps to 80 columns") {
        Tool tool;
        cli::use_help_of_house(tool.app, {"hepcap-decode", "purpose", "  hepcap-decode x\n"});
        const std::string help = tool.app.help();
        CHECK(help.starts_with("hepcap-decode - purpose\n\nExamples:\n  hepcap-decode x\n"));
        CHECK(help.find("[homer01]") != std::string::npos);
        for (std::size_t start = 0; start < help.size();) {
            const std::size_t end = std::min(help.find('\n', start), help.size());
            CHECK(end - start <= 80);
            start = end + 1;
        }
    }
}
