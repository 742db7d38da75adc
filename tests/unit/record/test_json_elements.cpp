#include "record/json_elements.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using hepcap::record::JsonElements;

namespace {

std::vector<std::string> elements_of(std::string_view array) {
    std::vector<std::string> out;
    JsonElements elements(array);
    while (const auto element = elements.next()) out.emplace_back(*element);
    return out;
}

}  // namespace

TEST_SUITE_BEGIN("record");

TEST_CASE("the elements of an array come in order and without escapes") {
    using Texts = std::vector<std::string>;
    CHECK(elements_of("[]").empty());
    CHECK(elements_of(R"(["a"])") == Texts{"a"});
    CHECK(elements_of(R"([ "a" , "", "b,]c" ])") == Texts{"a", "", "b,]c"});
    CHECK(elements_of(R"(["\"\\\/\b\f\n\r\t"])") == Texts{"\"\\/\b\f\n\r\t"});
    CHECK(elements_of(R"(["\u0041\u00df\u20ac\ud83d\ude00"])") ==
          Texts{"A\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80"});
    CHECK(elements_of(R"([1,true,"x"])") == Texts{"1", "true", "x"});
}

TEST_CASE("an element with escapes may be of any length") {
    const std::string text(5000, 'a');
    CHECK(elements_of("[\"" + text + "\\n\"]") == std::vector<std::string>{text + "\n"});
}

TEST_CASE("octets that are no array end the elements and are not read beyond") {
    for (const std::string_view text :
         {"", "[", "\"", "[\"", "[\"a", "[\"a\\", "[\"\\u", "[\"\\u12\"]", "[\"\\ud83d\\u\"",
          "[\"\\ud83d\\u0041\"]", "\\", "[\"a\"x\"b\"", "]]]]"}) {
        CAPTURE(text);
        // An exact copy, so that a sanitizer sees an octet too many.
        const std::vector<char> exact(text.begin(), text.end());
        CHECK(elements_of({exact.data(), exact.size()}).size() <= 3);
    }
}

TEST_SUITE_END();
