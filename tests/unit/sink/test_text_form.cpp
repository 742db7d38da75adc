#include "sink/text_form.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace hepcap::sink;

TEST_SUITE("sink") {
    TEST_CASE("only UTF-8 without NUL is text, wherever in the value the octets stand") {
        struct Row {
            const char* name;
            std::string_view octets;
            bool is_text;
        };
        using namespace std::string_view_literals;
        constexpr std::array rows{
            Row{"ASCII", "a"sv, true},
            Row{"control characters", "\x01\r\n\x7F"sv, true},
            Row{"two octets", "\xC3\xA4"sv, true},
            Row{"three octets", "\xE2\x82\xAC"sv, true},
            Row{"four octets", "\xF0\x9F\x98\x80"sv, true},
            Row{"the last character", "\xF4\x8F\xBF\xBF"sv, true},
            Row{"NUL", "\0"sv, false},
            Row{"continuation alone", "\x80"sv, false},
            Row{"cut sequence", "\xE2\x82"sv, false},
            Row{"overlong two", "\xC1\xBF"sv, false},
            Row{"overlong three", "\xE0\x9F\xBF"sv, false},
            Row{"overlong four", "\xF0\x8F\xBF\xBF"sv, false},
            Row{"surrogate", "\xED\xA0\x80"sv, false},
            Row{"beyond Unicode", "\xF4\x90\x80\x80"sv, false},
            Row{"no lead octet", "\xFF"sv, false},
            Row{"lead without continuation",
                "\xC3"
                "a"sv,
                false},
        };
        for (const Row& row : rows) {
            for (std::size_t before = 0; before < 20; ++before) {
                CAPTURE(row.name);
                CAPTURE(before);
                const std::string padding(before, 'x');
                CHECK(is_storable_text(padding + std::string(row.octets)) == row.is_text);
                CHECK(is_storable_text(padding + std::string(row.octets) + "yyyyyyyyyyyy") == row.is_text);
            }
        }
        CHECK(is_storable_text(""));
    }

    TEST_CASE("a text is cut between characters, counted as characters") {
        struct Row {
            std::string_view text;
            std::size_t characters;
            std::string_view cut;
        };
        constexpr std::array rows{
            Row{"abc", 3, "abc"},
            Row{"abc", 2, "ab"},
            Row{"abc", 0, ""},
            Row{"\xC3\xA4\xC3\xB6", 2, "\xC3\xA4\xC3\xB6"},
            Row{"\xC3\xA4\xC3\xB6", 1, "\xC3\xA4"},
            Row{"a\xF0\x9F\x98\x80z", 2, "a\xF0\x9F\x98\x80"},
            Row{"a\xF0\x9F\x98\x80z", 3, "a\xF0\x9F\x98\x80z"},
        };
        for (const Row& row : rows) CHECK(cut_to_characters(row.text, row.characters) == row.cut);
    }

    TEST_CASE("what is no text becomes text: each octet of no character, and each NUL, as U+FFFD") {
        struct Row {
            std::string_view text;
            std::string_view stored;
            std::size_t replaced;
        };
        using namespace std::string_view_literals;
        constexpr std::array rows{
            Row{"plain\r\n", "plain\r\n", 0},
            Row{"a\0b"sv,
                "a\xEF\xBF\xBD"
                "b",
                1},
            Row{"\xFFz", "\xEF\xBF\xBDz", 1},
            Row{"\xC3\xA4\xC3", "\xC3\xA4\xEF\xBF\xBD", 1},
            Row{"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 3},
        };
        for (const Row& row : rows) {
            CAPTURE(row.text);
            std::string stored = ">";
            CHECK(append_replaced(stored, row.text) == row.replaced);
            CHECK(stored == ">" + std::string(row.stored));
            CHECK(is_storable_text(stored));
        }
    }
}
