#include "record/base64.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using hepcap::record::decode_base64;

TEST_SUITE("record") {
    TEST_CASE("base64 is decoded as in RFC 4648, and what is none is refused") {
        struct Row {
            std::string_view encoded;
            const char* octets;  // null: refused
        };
        constexpr std::array rows{
            Row{"", ""},
            Row{"Zg==", "f"},
            Row{"Zm8=", "fo"},
            Row{"Zm9v", "foo"},
            Row{"Zm9vYg==", "foob"},
            Row{"Zm9vYmE=", "fooba"},
            Row{"Zm9vYmFy", "foobar"},
            Row{"Zg", "f"},
            Row{"Zm8", "fo"},
            Row{"Z", nullptr},
            Row{"Zm9vY", nullptr},
            Row{"Zg=", nullptr},
            Row{"====", nullptr},
            Row{"Zg==Zg==", nullptr},
            Row{"Zm 9v", nullptr},
            Row{"Zm9v\n", nullptr},
            Row{"_-8=", nullptr},
        };
        for (const Row& row : rows) {
            CAPTURE(row.encoded);
            std::string out(row.encoded.size() + 1, '?');
            const char* const end = decode_base64(out.data(), row.encoded);
            REQUIRE((end == nullptr) == (row.octets == nullptr));
            if (end != nullptr) CHECK(std::string(static_cast<const char*>(out.data()), end) == row.octets);
        }
    }
}
