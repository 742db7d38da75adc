#include "select/capture_mode.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/error.hpp"

using hepcap::Error;
using hepcap::ExitCode;
using hepcap::select::CaptureMode;
using hepcap::select::find_capture_mode;
using hepcap::select::HashSource;
using hepcap::select::MultiTableMode;
using hepcap::select::parse_capture_mode;

namespace {

std::string refusal(std::string_view definition) {
    try {
        parse_capture_mode(definition);
        return {};
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
}

}  // namespace

TEST_SUITE_BEGIN("select");

TEST_CASE("a definition in the module's grammar is read whole") {
    const CaptureMode mode = parse_capture_mode(
        "homer=>db_url=mysql://u:p@192.0.2.1/homer;table_name=a|b;mt_mode=hash;hash_source=from_user");
    CHECK(mode.name == "homer");
    CHECK(mode.db_url == "mysql://u:p@192.0.2.1/homer");
    CHECK(mode.tables == "a|b");
    CHECK(mode.mode == MultiTableMode::hash);
    CHECK(mode.hash_source == HashSource::from_user);
}

TEST_CASE("the forms that white space, quotes and order allow all mean the same") {
    for (const std::string_view definition : {
             "m=>db_url=sqlite:x.db;table_name=a|b;mt_mode=hash;hash_source=to_user",
             "m=>db_url=sqlite:x.db;table_name=a|b;mt_mode=hash;hash_source=to_user;",
             "m=>db_url=sqlite:x.db;hash_source=to_user;table_name=a|b;mt_mode=hash ; ",
             "  m =>\tdb_url = 'sqlite:x.db' ;\r\n table_name=\"a|b\"; hash_source=\"TO_USER\"; "
             "mt_mode='hash';",
         }) {
        CAPTURE(definition);
        const CaptureMode mode = parse_capture_mode(definition);
        CHECK(mode.name == "m");
        CHECK(mode.db_url == "sqlite:x.db");
        CHECK(mode.tables == "a|b");
        CHECK(mode.mode == MultiTableMode::hash);
        CHECK(mode.hash_source == HashSource::to_user);
    }
}

TEST_CASE("a value in quotes may hold what separates") {
    const CaptureMode mode =
        parse_capture_mode("m=>db_url=\"mysql://u:a;b,c d@h/x\";table_name='a | b c';mt_mode=round_robin");
    CHECK(mode.db_url == "mysql://u:a;b,c d@h/x");
    CHECK(mode.tables == "a | b c");
    CHECK(mode.hash_source == HashSource::call_id);
}

TEST_CASE("a definition that is none is refused by one sentence") {
    struct Row {
        std::string_view definition, sentence;
    };
    const Row rows[] = {
        {"", "capture mode, at character 1: expected NAME=>db_url=...;table_name=...;mt_mode=..."},
        {"=>db_url=x", "capture mode, at character 1: expected NAME=>db_url=...;table_name=...;mt_mode=..."},
        {"m = >db_url=x",
         "capture mode, at character 4: expected NAME=>db_url=...;table_name=...;mt_mode=..."},
        {"m=> ",
         "capture mode 'm', at character 5: no parameters behind =>; it needs db_url, table_name and "
         "mt_mode"},
        {"m=>db_url=x;table_name=a",
         "capture mode 'm': mt_mode is not set; it needs db_url, table_name and mt_mode"},
        {"m=>db_url=;table_name=a;mt_mode=rand",
         "capture mode 'm': db_url is not set; it needs db_url, table_name and mt_mode"},
        {"m=>db_url=x;table=a;mt_mode=rand",
         "capture mode 'm', at character 13: this begins none of the parameters db_url, table_name, mt_mode, "
         "hash_source; "
         "put a value with ; in quotes"},
        {"m=>db_url=x;tablename=a;mt_mode=rand",
         "capture mode 'm', at character 13: no parameter 'tablename'; did you mean 'table_name'?"},
        {"m=>db_url=x;db_url=y", "capture mode 'm', at character 13: db_url is given twice"},
        {"m=>db_url", "capture mode 'm', at character 10: expected '=' after db_url"},
        {"m=>db_url='x", "capture mode 'm', at character 12: the value of db_url has no closing quote"},
        {"m=>db_url=x,table_name=a",
         "capture mode 'm', at character 12: found something behind a value, expected ';' or the end; put a "
         "value with "
         "blanks or commas in quotes"},
        {"m=>db_url=x;;mt_mode=rand",
         "capture mode 'm', at character 13: this begins none of the parameters db_url, table_name, mt_mode, "
         "hash_source; "
         "put a value with ; in quotes"},
        {"m=>db_url=x;table_name=a;mt_mode=RAND",
         "capture mode 'm': mt_mode: 'RAND' is none of rand, round_robin, hash; did you mean 'rand'?"},
        {"m=>db_url=x;table_name=a;mt_mode=rand;hash_source=ruri",
         "capture mode 'm': hash_source: 'ruri' is none of call_id, from_user, to_user"},
        {"m=>db_url=x;table_name=a||b;mt_mode=rand",
         "table list 'a||b': element 2 is empty; name a table between the bars"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.definition);
        CHECK(refusal(row.definition) == row.sentence);
    }
}

TEST_CASE("no sentence repeats a password, wherever a definition breaks off") {
    const std::string definition =
        "m=>db_url=mysql://user:hunter2;hunter2 hunter2@h/x;table_name=a;mt_mode=rand;hash_source=call_id";
    for (std::size_t length = 0; length <= definition.size(); ++length) {
        const std::string sentence = refusal(definition.substr(0, length));
        CAPTURE(sentence);
        CHECK(!sentence.empty());
        CHECK(sentence.find("hunter") == std::string::npos);
    }
}

TEST_CASE("of several modes with one name the last is found, and a missing one names the nearest") {
    std::vector<CaptureMode> modes{parse_capture_mode("homer=>db_url=x;table_name=a;mt_mode=rand"),
                                   parse_capture_mode("other=>db_url=y;table_name=a;mt_mode=rand"),
                                   parse_capture_mode("homer=>db_url=z;table_name=a;mt_mode=rand")};
    CHECK(find_capture_mode(modes, "homer").db_url == "z");
    CHECK_THROWS_WITH_AS(find_capture_mode(modes, "hommer"),
                         "no capture mode 'hommer'; did you mean 'homer'?", Error);
    CHECK_THROWS_WITH_AS(find_capture_mode({}, "m"),
                         "no capture mode 'm': none is defined; define it with --capture-mode", Error);
}

TEST_SUITE_END();
