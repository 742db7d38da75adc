#include "cli/import_kamailio.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using hepcap::Error;
using hepcap::cli::import_kamailio;
using hepcap::cli::KamailioConfig;
using hepcap::cli::parse_kamailio_config;
using hepcap::cli::read_kamailio_config;

namespace {

KamailioConfig parse(const std::string& text) { return parse_kamailio_config(text, "kamailio.cfg", "."); }

std::string value(const std::string& text) {
    const KamailioConfig config = parse(text);
    return config.params.size() == 1 ? config.params[0].value
                                     : std::to_string(config.params.size()) + " lines";
}

// The lines of the TOML without their comments.
bool has_line(const std::string& toml, const std::string& line) {
    return toml.find("\n" + line + "  # ") != std::string::npos ||
           toml.find("\n" + line + "\n") != std::string::npos;
}

std::string data(const std::string& name) {
    return std::string(HEPCAP_SOURCE_DIR) + "/testdata/kamailio/" + name;
}

}  // namespace

TEST_SUITE_BEGIN("cli");

TEST_CASE("a value of modparam() is what Kamailio would make of it") {
    struct Row {
        std::string name, text, value;
    };
    const Row rows[] = {
        {"a text", R"(modparam("m", "p", "v"))", "v"},
        {"a number", R"(modparam("m","p",-5))", "-5"},
        {"a semicolon behind it", R"(modparam("m", "p", "v");)", "v"},
        {"over lines, comments between", "modparam( \"m\" ,\n # c\n \"p\", /* d */ \"v\"\n)", "v"},
        {"texts that follow each other", "modparam(\"m\", \"p\", \"a;\"\n   \"b\" 'c')", "a;bc"},
        {"escapes", R"(modparam("m", "p", "a\"b\\c\t"))", "a\"b\\c\t"},
        {"single quotes take what stands there", R"(modparam('m', 'p', 'a\n"b'))", R"(a\n"b)"},
        {"a hash is no comment within a text", R"(modparam("m", "p", "a#b//c"))", "a#b//c"},
        {"a definition", "#!define X 7\nmodparam(\"m\", \"p\", X)", "7"},
        {"a definition of a text", "#!define X \"a b\"\nmodparam(\"m\", \"p\", X)", "a b"},
        {"a definition of a definition", "#!define Y 1\n#!define X Y\nmodparam(\"m\", \"p\", X)", "1"},
        {"one in a circle", "#!define X Y\n#!define Y X\nmodparam(\"m\", \"p\", X)", "X"},
        {"one defined again", "#!define X 1\n#!redefine X 2\n#!trydef X 3\nmodparam(\"m\", \"p\", X)", "2"},
        {"one over two lines", "#!define X \\\n  5\nmodparam(\"m\", \"p\", X)", "5"},
        {"not in a text", "#!define X 1\nmodparam(\"m\", \"p\", \"X\")", "X"},
        {"a substitution in a text", "#!subst \"/X/y/\"\nmodparam(\"m\", \"p\", \"XX\")", "yX"},
        {"a substitution everywhere", "#!subst \"!X!y!g\"\nmodparam(\"m\", \"p\", \"XX\")", "yy"},
        {"one that grows", "#!subst \"/X/XX/g\"\nmodparam(\"m\", \"p\", \"aXb\")", "aXXb"},
        {"a substitution that defines", "#!substdef \"!X!1!g\"\nmodparam(\"m\", \"p\", X)", "1"},
        {"what is left out", "#!ifdef X\nmodparam(\"m\",\"p\",1)\n#!else\nmodparam(\"m\",\"p\",2)\n#!endif",
         "2"},
        {"blocks in blocks",
         "#!ifndef X\n#!ifdef Y\nmodparam(\"m\",\"p\",1)\n#!endif\nmodparam(\"m\",\"p\",2)\n#!endif\n", "2"},
        {"definitions in what is left out",
         "#!ifdef X\n#!define Y 1\n#!endif\n#!ifdef "
         "Y\nmodparam(\"m\",\"p\",1)\n#!endif\nmodparam(\"m\",\"p\",3)",
         "3"},
        {"comments", "# modparam(\"m\",\"p\",1)\n// modparam(\"m\",\"p\",2)\n/* modparam(\"m\",\"p\",3) */\n",
         "0 lines"},
        {"behind a quote that is missing in a route", "xlog(\"open);\nmodparam(\"m\",\"p\",4)", "4"},
        {"a text of two lines", "modparam(\"m\",\"p\",\"a;\n b\")", "a;\n b"},
        {"two modules", R"(modparam("m|n", "p", 1))", "2 lines"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(value(row.text) == row.value);
    }
}

TEST_CASE("what ends in the middle is an error with its line, and no text makes it hang") {
    CHECK_THROWS_WITH_AS(parse("\nmodparam(\"m"),
                         "'kamailio.cfg' line 2: a text that begins here does not end", Error);
    CHECK_THROWS_AS(parse("/* open"), Error);
    const std::string whole =
        "#!ifdef A\n#!define B \"c\\\nmodparam(\"a|b\", 'c', "
        "D)\n#!endif\nlisten=udp:B:1\nsip_capture(\"x\")\n";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        try {
            parse(whole.substr(0, size));
        } catch (const Error&) {
        }
    }
}

TEST_CASE("files that include each other without end are noticed") {
    const std::string name = data("mirror.cfg");
    CHECK_THROWS_AS(read_kamailio_config(data("absent.cfg")), Error);
    CHECK_THROWS_AS(parse("include_file \"absent.cfg\"\n"), Error);
    CHECK(parse("import_file \"absent.cfg\"\n").params.empty());
}

TEST_CASE("every parameter of the module has a key or a reason") {
    const auto import = import_kamailio(read_kamailio_config(data("capture.cfg")), data("capture.cfg"));
    const std::string& toml = import.toml;
    CAPTURE(toml);
    for (const char* line :
         {"[listen]", "[load]", "capture = 'on'", "hep = 'on'", "bad-messages = 'keep'", "node = 'node-eu1'",
          "aleg-header = 'X-CID;X-CallIDALeg'", "custom-header = ['Mac', 'X-Tenant', 'Port']",
          "listen = ['udp:0.0.0.0:9060', 'tcp:0.0.0.0:9061', 'udp:[2001:db8::1]:9060']",
          "topoh-key-file = '/etc/hepcap/topoh-key'", "topoh-prefix = '***'",
          "db-url-file = '/etc/hepcap/db-url'", "table = 'sip_capture_%Y%m%d|other'", "mt-mode = 'hash'",
          "hash-source = 'call_id'", "insert-mode = 'async'", "retries = 5", "retry-timeout = 10"}) {
        CAPTURE(line);
        CHECK(has_line(toml, line));
    }
    for (const char* reason :
         {"node_column:", "event_callback:", "nonsip_hook:", "capture_onn: the module has no such parameter",
          "listen=sctp:", "modparamx", "regular expression", "sip_capture(\"sip_capture_registration\"):"}) {
        CAPTURE(reason);
        CHECK(toml.find(reason) != std::string::npos);
    }
    CHECK(import.without_counterpart == 8);
    for (const char* secret :
         {"secret-word", "not-to-be-shown", "never", "[raw]", "callid_column", "not a call"}) {
        CAPTURE(secret);
        CHECK(toml.find(secret) == std::string::npos);
    }
    CHECK(toml.find("mysql://homer_user:PASSWORD@127.0.0.1/homer_data") != std::string::npos);
}

TEST_CASE("a mirror port has its section, and the module's defaults that are not hepcap's are written") {
    const auto import = import_kamailio(read_kamailio_config(data("mirror.cfg")), data("mirror.cfg"));
    const std::string& toml = import.toml;
    CAPTURE(toml);
    for (const char* line :
         {"capture = 'off'", "hep = 'off'", "[raw]", "mode = 'mirror'", "interface = 'eth1'", "workers = 4",
          "listen = ['10.0.0.0:5060-5090']", "promiscuous = true", "no-bpf = true", "[decode]",
          "node = 'homer03'", "db = 'sqlite:/tmp/calls.db'"}) {
        CAPTURE(line);
        CHECK(has_line(toml, line));
    }
    CHECK(import.without_counterpart == 0);
    CHECK(toml.find("capture = 'off'", toml.find("[raw]")) != std::string::npos);
}

TEST_CASE("both raw captures at once, which Kamailio refuses, are named") {
    const auto import = import_kamailio(parse("modparam('sipcapture', 'raw_moni_capture_on', 1)\n"
                                              "modparam('sipcapture', 'raw_ipip_capture_on', 1)\n"),
                                        "kamailio.cfg");
    CHECK(import.toml.find("line 2: raw_ipip_capture_on: Kamailio does not start") != std::string::npos);
}

TEST_CASE("a lone capture mode is the destination, its password left out") {
    const auto import = import_kamailio(parse("modparam('sipcapture', 'capture_mode', "
                                              "'one=>db_url=mysql://u:pw@h/d;table_name=a;mt_mode=rand')"),
                                        "kamailio.cfg");
    CHECK(has_line(import.toml, "mode = 'one'"));
    CHECK(import.toml.find("one=>db_url=mysql://u:PASSWORD@h/d;table_name=a;mt_mode=rand") !=
          std::string::npos);
}

TEST_CASE("a file without a line for the module is an error") {
    CHECK_THROWS_AS(import_kamailio(parse("modparam('tm', 'fr_timer', 1)"), "kamailio.cfg"), Error);
}

TEST_SUITE_END();
