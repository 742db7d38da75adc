#include "select/route.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/error.hpp"

using hepcap::Error;
using hepcap::ExitCode;
using hepcap::record::Record;
using hepcap::select::HashSource;
using hepcap::select::MultiTableMode;
using hepcap::select::parse_route;
using hepcap::select::Route;
using hepcap::select::Router;
using hepcap::select::TableSelector;

namespace {

Router router_of(std::initializer_list<std::string_view> routes) {
    std::vector<Route> parsed;
    for (const std::string_view route : routes) parsed.push_back(parse_route(route));
    return {std::move(parsed), TableSelector("rest")};
}

std::string table_of(Router& router, const Record& record) {
    const auto choice = router.table_for(record);
    return choice ? std::string(choice->name) : std::string(name(choice.error()));
}

std::string refusal(std::string_view route) {
    try {
        parse_route(route);
        return {};
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
}

}  // namespace

TEST_SUITE_BEGIN("select");

TEST_CASE("the first route that matches takes the record, and the rest goes elsewhere") {
    Router router =
        router_of({"status >= 400=>errors", "method == \"REGISTER\" => reg_%Y%m%d", "status=>replies"});
    Record record;
    CHECK(table_of(router, record) == "rest");
    record.status = 200;
    CHECK(table_of(router, record) == "replies");
    record.status = 486;
    CHECK(table_of(router, record) == "errors");
    record = {};
    record.method = "REGISTER";
    CHECK(table_of(router, record) == "no-time");
    record.micro_ts = 1'428'451'199'000'000;
    CHECK(table_of(router, record) == "reg_20150407");
}

TEST_CASE("a route may have several tables under the mode of the command line") {
    const Route route = parse_route("v=>t0|t1|t2|t3", MultiTableMode::hash, HashSource::call_id);
    Router router({route}, TableSelector("rest"));
    Record record;
    record.v = 1;
    record.callid = "abc@h";
    CHECK(table_of(router, record) == "t2");
    CHECK(router.selector_for(record).size() == 4);
}

TEST_CASE("an arrow in quotes does not end the expression") {
    Router router = router_of({R"(callid == "a=>\"=>b" or callid == 'c=>d'=>arrows)"});
    Record record;
    record.callid = "a=>\"=>b";
    CHECK(table_of(router, record) == "arrows");
    record.callid = "c=>d";
    CHECK(table_of(router, record) == "arrows");
}

TEST_CASE("a route that is none is refused by one sentence that shows it") {
    CHECK(refusal("status") == "route 'status': no => outside of quotes; a route is EXPRESSION=>TABLE");
    CHECK(refusal("callid == \"=>x\"") ==
          "route 'callid == \"=>x\"': no => outside of quotes; a route is EXPRESSION=>TABLE");
    CHECK(refusal("=>x") == "route '=>x': filter, at character 1: the filter is empty, expected a key");
    CHECK(refusal("v=>") == "route 'v=>': the list of tables is empty; name a table, or several joined by |");
    CHECK(refusal("status =>400=>errors").find("found '=>', expected an operator") != std::string::npos);
    CHECK(refusal("v=>a b;") ==
          "route 'v=>a b;': table name 'b;': ';' may not stand in it; letters, digits and _ may, "
          "and . $ - after the first");
}

TEST_CASE("a router tells which keys its routes read") {
    const Router router = router_of({"status=>a", "status and method=>b"});
    CHECK(router.fields().count() == 2);
}

TEST_SUITE_END();
