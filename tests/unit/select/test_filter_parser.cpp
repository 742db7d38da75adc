#include "select/filter_parser.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/error.hpp"

using hepcap::Error;
using hepcap::ExitCode;
using hepcap::select::Filter;

namespace {

// The sentence that refuses the expression, or nothing where it is accepted.
std::string refusal(std::string_view expression) {
    try {
        Filter::parse(expression);
        return {};
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

}  // namespace

TEST_SUITE_BEGIN("select");

TEST_CASE("an expression that is none is refused by one sentence: where, what, what else") {
    struct Row {
        std::string_view expression, sentence;
    };
    const Row rows[] = {
        {"", "filter, at character 1: the filter is empty, expected a key"},
        {" \t", "filter, at character 1: the filter is empty, expected a key"},
        {"calid == \"x\"", "filter, at character 1: no key 'calid'; did you mean 'callid'?"},
        {"zzzzzzzz", "filter, at character 1: no key 'zzzzzzzz'"},
        {"method == REGISTER",
         "filter, at character 11: found the bare word 'REGISTER', expected a value; write a text in quotes"},
        {"source_ip == 10.0.0.0/8",
         "filter, at character 14: found the bare word '10.0.0.0/8', expected a value; write a text in "
         "quotes"},
        {"status = 200", "filter, at character 8: found '=', expected an operator; equality is written =="},
        {"status => 200",
         "filter, at character 8: found '=>', expected an operator: == != < <= > >= ~ !~ in, or 'and', 'or', "
         "the end"},
        {"callid contains \"x\"",
         "filter, at character 8: found 'contains', expected an operator: == != < <= > >= ~ !~ in, or 'and', "
         "'or', the "
         "end"},
        {"status ==",
         "filter, at character 10: found the end, expected a value: a text in quotes or a number"},
        {"status == ==",
         "filter, at character 11: found '==', expected a value: a text in quotes or a number"},
        {"== 5", "filter, at character 1: found '==', expected a key, 'not' or '('"},
        {"\"INVITE\" == method", "filter, at character 1: found '\"INVITE\"', expected a key, 'not' or '('"},
        {"v and", "filter, at character 6: found the end, expected a key, 'not' or '('"},
        {"v or or v", "filter, at character 6: found 'or', expected a key, 'not' or '('"},
        {"v not v", "filter, at character 3: found 'not', expected 'and', 'or' or the end"},
        {"v == 1 v", "filter, at character 8: found 'v', expected 'and', 'or' or the end"},
        {"(v", "filter, at character 1: this ( is never closed"},
        {"(v == 1 v)", "filter, at character 9: found 'v', expected 'and', 'or' or ')'"},
        {"v)", "filter, at character 2: this ) closes nothing"},
        {"()", "filter, at character 2: found ')', expected a key, 'not' or '('"},
        {"callid == \"x", "filter, at character 11: this text has no closing \""},
        {"callid == 'x\\'", "filter, at character 11: this text has no closing '"},
        {"status == \"abc\"", "filter, at character 11: 'status' is a number, and 'abc' is none"},
        {"status == true",
         "filter, at character 11: 'status' is not a key of true or false; write a text in quotes"},
        {"status in 200", "filter, at character 11: found '200', expected '{'"},
        {"status in {}", "filter, at character 12: found '}', expected a value"},
        {"status in {200", "filter, at character 15: found the end, expected ',' or '}'"},
        {"status in {200,}", "filter, at character 16: found '}', expected a value"},
        {"status in {200 300}", "filter, at character 16: found '300', expected ',' or '}'"},
        {"status in {300..200}", "filter, at character 12: the range 300..200 ends before it begins"},
        {"status in {300..}", "filter, at character 17: found '}', expected the number that ends the range"},
        {"source_ip in {1..2}", "filter, at character 15: found '1', expected an address in quotes"},
        {"encap in {1..2}", "filter, at character 11: found '1', expected a text in quotes"},
        {"source_ip == \"10.0.0.0/33\"",
         "filter, at character 14: '10.0.0.0/33' is no address and no network"},
        {"source_ip == \"example.org\"",
         "filter, at character 14: 'example.org' is no address and no network"},
        {"sdp_ip < \"10.0.0.0/8\"",
         "filter, at character 10: a network has no order; compare it by ==, != or in"},
        {"hep_auth_ok == 1", "filter, at character 16: found '1', expected true or false"},
        {"hep_auth_ok == \"true\"", "filter, at character 16: found '\"true\"', expected true or false"},
        {"hep_auth_ok < true",
         "filter, at character 13: 'hep_auth_ok' is true or false; compare it by == or !="},
        {"hep_auth_ok ~ \"t\"", "filter, at character 13: 'hep_auth_ok' is true or false; compare it by =="},
        {"encap < \"a\"", "filter, at character 7: 'encap' is a list; ask by ==, !=, in, ~ or !~"},
        {"headers == \"a\"", "filter, at character 9: 'headers' is an object; search its JSON text by ~"},
        {"callid == \"\"", "filter, at character 11: a key is absent rather than empty: write 'not callid'"},
        {"callid ~ 5", "filter, at character 10: found '5', expected a pattern in quotes"},
        {"callid ~ \"(\"", "filter, at character 10: the pattern '(' cannot be used: 'missing ): ('"},
        {"callid ~ \"\xff\"", "filter, at character 10: the pattern '\\xff' cannot be used: 'invalid UTF-8'"},
        {"status == 1e5",
         "filter, at character 11: found the bare word '1e5', expected a value; write a text in quotes"},
        {"status == 0x",
         "filter, at character 11: found the bare word '0x', expected a value; write a text in quotes"},
        {"\xe2\x80\x9cv", "filter, at character 1: found '\\xe2\\x80\\x9c', expected a key, 'not' or '('"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.expression);
        CHECK(refusal(row.expression) == row.sentence);
    }
}

TEST_CASE("an expression longer than the bound is refused, one of that length is read") {
    std::string expression = "callid == \"";
    expression += std::string(Filter::max_length - expression.size() - 1, 'x') + '"';
    CHECK(refusal(expression).empty());
    CHECK(refusal(expression + ' ') == "filter: 65537 octets long, more than the 65536 that are allowed");
}

TEST_CASE("nesting is bounded, however it is written") {
    const std::size_t max = Filter::max_depth;
    CHECK(refusal(repeated("(", max) + "v" + repeated(")", max)).empty());
    CHECK(refusal(repeated("(", max + 1) + "v" + repeated(")", max + 1)).find("nested deeper than 64") !=
          std::string::npos);
    CHECK(refusal(repeated("not ", max) + "v").empty());
    CHECK(!refusal(repeated("not ", max + 1) + "v").empty());
    CHECK(!refusal(repeated("!(", 30'000)).empty());
    CHECK(refusal(repeated("v or ", 10'000) + "v").empty());
}

TEST_CASE("the number of patterns and the size of each are bounded") {
    CHECK(refusal(repeated("callid ~ \"x\" or ", 63) + "callid ~ \"x\"").empty());
    CHECK(refusal(repeated("callid ~ \"x\" or ", 64) + "callid ~ \"x\"").find("more than 64 patterns") !=
          std::string::npos);
    CHECK(refusal(R"(callid ~ "((a{100}){100}){100}")").find("cannot be used") != std::string::npos);
}

TEST_CASE("numbers that cannot be held are refused, not wrapped") {
    CHECK(refusal("frame == 18446744073709551616").empty());
    CHECK(refusal("frame == 0xffffffffffffffffffff").find("is out of range") != std::string::npos);
    CHECK(refusal("frame == " + std::string(41, '9')).find("is out of range") != std::string::npos);
}

TEST_SUITE_END();
