#include "record/json_unescape.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace hepcap::record;

namespace {

struct Outcome {
    std::string text;
    std::size_t taken;
    bool has_high;
};

Outcome unescape(const std::string& string) {
    const std::string line = string + "\n" + std::string(64, 'x');
    std::vector<char> room(line.size() + 64);
    const Unescaped u = unescape_json(line.data(), room.data());
    return {std::string(room.data(), u.end), static_cast<std::size_t>(u.stop - line.data()), u.has_high};
}

}  // namespace

TEST_SUITE("record") {
    TEST_CASE("every short escape stands for its character, wherever in a block it comes") {
        for (std::size_t at = 0; at < 70; ++at) {
            CAPTURE(at);
            const std::string before(at, 'a');
            const std::string escaped = before + R"(\r\n\"\\\/\b\f\t\n\r)" + before;
            const Outcome got = unescape(escaped + "\",");
            CHECK(got.text == before + "\r\n\"\\/\b\f\t\n\r" + before);
            CHECK(got.taken == escaped.size());
            CHECK_FALSE(got.has_high);
        }
    }

    TEST_CASE("it stops before what is for others") {
        for (const char* const other : {R"(\u0041)", R"(\x)", "\\", "\x01", "\n", "\x1f"}) {
            for (std::size_t at = 0; at < 40; ++at) {
                CAPTURE(other);
                const Outcome got = unescape(std::string(at, 'a') + other);
                CHECK(got.taken == at);
                CHECK(got.text == std::string(at, 'a'));
            }
        }
    }

    TEST_CASE("octets above 127 are told of, but not those of the next string") {
        for (std::size_t at = 0; at < 40; ++at) {
            CAPTURE(at);
            const std::string before(at, 'a');
            CHECK(unescape(before + "\xC3\xBC" + before + "\"").has_high);
            CHECK_FALSE(unescape(before + "\"\xC3\xBC\"").has_high);
            CHECK_FALSE(unescape(before + "\\r\\n\",\"b\":\"\xC3\xBC\"").has_high);
        }
    }
}
