#include <doctest/doctest.h>

#include <string>

#include "base/error.hpp"
#include "sip/topoh.hpp"

using hepcap::sip::Topoh;

TEST_SUITE("sip") {
    TEST_CASE("the alphabet is that of the key") {
        CHECK(Topoh("aL9.n8~Hm]Z", "!!:").alphabet() ==
              "y0GxFtSUVeTOMWzHPam.jKR93gCoNpkicrJBqIEhvYbnd175AfLl4u6wZs-X8Q2D");
        CHECK(Topoh("k", "!!:").alphabet() ==
              "qVMO1I.gL4AUwFRb-imXk5ZjsoKzc0fnYD2eGJEvHuQaPlT8N6x3prWC9hdS7tBy");
        CHECK(Topoh("Schl\xc3\xbcssel", "!!:").alphabet() ==
              "JenSARdrjtEbNvlh7UGcx.BfKIwHMLmD6aYkZoipOgy-uWPT8V3XFQ541920qsCz");
    }

    TEST_CASE("masked Call-IDs come out plain") {
        struct Row {
            std::string_view key;
            std::string_view prefix;
            std::string_view masked;
            std::string_view plain;
        };
        const Row rows[] = {
            {"aL9.n8~Hm]Z", "!!:", "!!:M.VlWxj6WlcsMFyfMBN7MGZAOBF*", "1234567890@127.0.0.1"},
            {"some secret here", "***", "***w8yzw3A3Gbo6G3wLs87*", "a84b4c76e66710"},
            {"k", "!!:", "!!:RkwlwEoqc.w3wN**", "9C-2f@pc33"},
            {"0123456789abcdef0123456789abcdef", "!!:", "!!:bh.a", "abc"},
            {"Schl\xc3\xbcssel", "!!:", "!!:KBj*", "ab"},
        };
        for (const Row& row : rows) {
            CAPTURE(row.masked);
            std::string buffer;
            const auto plain = Topoh(row.key, row.prefix).unmask_call_id(row.masked, buffer);
            REQUIRE(plain.has_value());
            CHECK(*plain == row.plain);
        }
    }

    TEST_CASE("padding is optional and a lone last character is left out") {
        const Topoh topoh("aL9.n8~Hm]Z", "!!:");
        std::string buffer;
        for (const std::string_view masked : {"!!:3P**", "!!:3P*", "!!:3P"})
            CHECK(topoh.unmask_call_id(masked, buffer) == "a");
        CHECK(topoh.unmask_call_id("!!:3RV", buffer) == "ab");
        CHECK(topoh.unmask_call_id("!!:3ReB3", buffer) == "abc");
    }

    TEST_CASE("what is not masked, or not with this key's alphabet, stays as it is") {
        const Topoh topoh("aL9.n8~Hm]Z", "!!:");
        std::string buffer;
        for (const std::string_view text :
             {"!!:", "!!:*", "!!:0", "!!:3P***", "!!:3!**", "!!:3P**3P**", "!!:3ReB@host", "x!!:3P**",
              "!!:3P** ", "plain@example.com", ""}) {
            CAPTURE(text);
            CHECK_FALSE(topoh.unmask_call_id(text, buffer).has_value());
        }
    }

    TEST_CASE("with an empty prefix everything that decodes is decoded") {
        std::string buffer;
        CHECK(Topoh("aL9.n8~Hm]Z", "").unmask_call_id("3ReB", buffer) == "abc");
    }

    TEST_CASE("what decodes to control characters is left masked: the key is another one") {
        std::string buffer;
        CHECK_FALSE(Topoh("aL9.n8~Hm]Z", "!!:").unmask_call_id("!!:yyyy", buffer).has_value());
    }

    TEST_CASE("what a proxy with the module sent comes out as its sender wrote it") {
        const Topoh topoh("hepcap's own key", "!!:");
        std::string buffer;
        CHECK(topoh.unmask_call_id("!!:FOVNWEyVcOtm1aBlcO98Wp9X1ExwcOC*", buffer) ==
              "the-call@caller.example");
        CHECK(topoh.unmask_uri_parameters(";line=sr-eaNwApBl0EyNuqU8y8XwWjmT65GL6Lmwyj-IepBTezk3eDuhFEsw",
                                          buffer) == "sip:alice@127.0.0.1:33006;transport=udp");
        // Under the mask stands ";TH=div" behind the address: the module's note, not the sender's.
        CHECK(topoh.unmask_branch("z9hG4bKsr-CINuWLJT6Mh9sBmn65JzWjmT6MXtAj6L6qmaAxsJSEsYFj-"
                                  "KepBT1anh7jNGsLsKb8IL6LmwyKItWCNA9ZNCsu**",
                                  buffer) == "SIP/2.0/UDP 127.0.0.1:33006;branch=z9hG4bK-33006-1-INVITE");
    }

    TEST_CASE("an empty key is refused") { CHECK_THROWS_AS(Topoh("", "!!:"), hepcap::Error); }
}
