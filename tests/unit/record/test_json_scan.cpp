#include "record/json_scan.hpp"

#include <doctest/doctest.h>

#include <charconv>
#include <string>

using namespace hepcap::record;

namespace {

// What stands behind every line: an octet that stops, and room to read.
std::string padded(const std::string& text) { return text + "\n" + std::string(64, 'x'); }

}  // namespace

TEST_SUITE("record") {
    TEST_CASE("a string is plain up to the first octet that is not, wherever that stands") {
        for (const char special : {'"', '\\', '\x01', '\x1f', '\n', '\0', '\x80', '\xff'}) {
            for (std::size_t at = 0; at < 70; ++at) {
                CAPTURE(at);
                const std::string text = padded(std::string(at, '~') + special + "plain\"");
                CHECK(find_special(text.data()) == text.data() + at);
                CHECK(is_special(special));
            }
        }
        CHECK_FALSE(is_special(' '));
        CHECK_FALSE(is_special('\x7f'));
    }

    TEST_CASE("numbers of one to sixteen digits are read, and no others") {
        const std::string digits = "9876543210987654321";
        for (std::size_t size = 1; size <= digits.size(); ++size) {
            for (const char* const behind : {",", "}", "", "e1", ".5", "/", ":", "\x7f", "\xff"}) {
                const std::string text = digits.substr(0, size);
                CAPTURE(text);
                CAPTURE(behind);
                const std::string line = padded(text + behind);
                std::int64_t number = -1;
                const char* const stop = scan_number(line.data(), number);
                if (size > 16) {
                    CHECK(stop == nullptr);
                    continue;
                }
                std::int64_t expected = 0;
                std::from_chars(text.data(), text.data() + text.size(), expected);
                CHECK(stop == line.data() + size);
                CHECK(number == expected);
            }
        }
    }

    TEST_CASE("what JSON does not call a number, or is negative, is left to others") {
        for (const char* const text : {"", "-1", "+1", "01", "00", "012345678", "x", ".5", "\"1\"", ":"}) {
            CAPTURE(text);
            std::int64_t number = 0;
            CHECK(scan_number(padded(text).data(), number) == nullptr);
        }
        std::int64_t number = -1;
        const std::string zero = padded("0,");
        CHECK(scan_number(zero.data(), number) == zero.data() + 1);
        CHECK(number == 0);
    }
}
