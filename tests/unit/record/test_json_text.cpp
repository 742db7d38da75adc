#include <doctest/doctest.h>

#include <random>
#include <string>

#include "record/json_text.hpp"

using namespace hepcap::record;

namespace {

// What escape_json makes of `text`; "(refused)" where it makes nothing.
std::string escaped(std::string_view text) {
    std::string out(max_escaped_size(text.size()) + escape_slack, '\xee');
    const char* const end = escape_json(out.data(), text);
    return end ? out.substr(0, static_cast<std::size_t>(end - out.data())) : "(refused)";
}

// The rule itself, an octet at a time.
std::string escaped_slowly(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    constexpr std::string_view hex = "0123456789abcdef";
                    out += "\\u00";
                    out += hex[static_cast<unsigned char>(c) >> 4];
                    out += hex[static_cast<unsigned char>(c) & 15];
                } else {
                    out += c;
                }
        }
    }
    return out;
}

}  // namespace

TEST_SUITE("record") {
    TEST_CASE("each octet is escaped at every place of a block") {
        for (int octet = 1; octet < 0x80; ++octet) {
            for (std::size_t length = 1; length <= 80; ++length) {
                for (const std::size_t at : {std::size_t{0}, length / 2, length - 1}) {
                    std::string text(length, 'x');
                    text[at] = static_cast<char>(octet);
                    if (escaped(text) != escaped_slowly(text)) {
                        CAPTURE(octet);
                        CAPTURE(length);
                        CAPTURE(at);
                        CHECK(escaped(text) == escaped_slowly(text));
                    }
                }
            }
        }
    }

    TEST_CASE("a line end is escaped at every place, also one that the end of the text cuts in two") {
        for (std::size_t length = 2; length <= 330; ++length) {
            for (std::size_t at = length > 140 ? length - 140 : 0; at + 2 <= length; ++at) {
                std::string text(length, 'x');
                text.replace(at, 2, "\r\n");
                const std::string_view cut = std::string_view(text).substr(0, at + 1);
                const bool same =
                    escaped(text) == escaped_slowly(text) && escaped(cut) == escaped_slowly(cut);
                if (!same) {
                    CAPTURE(length);
                    CAPTURE(at);
                    CHECK(escaped(text) == escaped_slowly(text));
                    CHECK(escaped(cut) == escaped_slowly(cut));
                }
            }
        }
    }

    TEST_CASE("random ASCII of any length gives what the rule gives") {
        std::mt19937 random(1);
        for (int round = 0; round < 2000; ++round) {
            std::string text(random() % 700, ' ');
            for (char& c : text)
                c = random() % 9 == 0 ? static_cast<char>(1 + random() % 31)
                                      : static_cast<char>(32 + random() % 95);
            REQUIRE(escaped(text) == escaped_slowly(text));
        }
    }

    TEST_CASE("UTF-8 passes as it is, at any length") {
        for (std::size_t length = 0; length < 300; ++length) {
            const std::string text = std::string(length, 'a') + "\xc3\xbc\xe6\xbc\xa2\xf0\x9f\x98\x80";
            CHECK(escaped(text) == text);
        }
    }

    TEST_CASE("what is no UTF-8 is refused, at any length") {
        const std::string bad[] = {"\xff", "\xc3",    "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                   "\x80", "\xe6\xbc"};
        for (const std::string& octets : bad) {
            for (const std::size_t length : {0, 1, 7, 8, 15, 16, 17, 40, 255, 256, 257, 600}) {
                CHECK(escaped(std::string(length, 'a') + octets) == "(refused)");
                CHECK(escaped(octets + std::string(length, '"')) == "(refused)");
            }
        }
    }

    TEST_CASE("a NUL is refused, at any length") {
        for (const std::size_t length : {0, 1, 7, 8, 15, 16, 17, 40, 255, 256, 257, 600}) {
            CHECK(escaped(std::string(length, 'a') + std::string(1, '\0')) == "(refused)");
            CHECK(escaped(std::string(1, '\0') + std::string(length, 'a')) == "(refused)");
        }
    }

    TEST_CASE("an empty text is empty") { CHECK(escaped("") == ""); }
}
