#include <doctest/doctest.h>

#include <string>

#include "sip/uri.hpp"

using namespace hepcap::sip;

TEST_SUITE("sip") {
    TEST_CASE("a URI falls into its parts") {
        struct Row {
            std::string_view text;
            bool is_valid;
            std::string_view user;
            std::string_view host;
            int port;
            std::string_view parameters;
        };
        const Row rows[] = {
            {"sip:bob@biloxi.example.com", true, "bob", "biloxi.example.com", 0, ""},
            {"SIPS:bob:secret@192.0.2.4:5061;transport=tls?Subject=x", true, "bob", "192.0.2.4", 5061,
             "transport=tls"},
            {"sip:example.com", true, "", "example.com", 0, ""},
            {"sip:bob;x=y?z@example.com:5060", true, "bob;x=y?z", "example.com", 5060, ""},
            {"sip:bob@[2001:db8::9:1]:5060;lr", true, "bob", "[2001:db8::9:1]", 5060, "lr"},
            {"sip:[2001:db8::1]", true, "", "[2001:db8::1]", 0, ""},
            {"tel:+1-201-555-0123;phone-context=example.com", true, "+1-201-555-0123", "", 0,
             "phone-context=example.com"},
            {"sip:%61lice@example.com?to=%22", true, "%61lice", "example.com", 0, ""},
            {"sip:bob@example.com:", true, "bob", "example.com", 0, ""},
            {"sip:bob@example.com:70000", false, "", "", 0, ""},
            {"sip:bob@example.com:50a", false, "", "", 0, ""},
            {"sip:bob@", false, "", "", 0, ""},
            {"sip:", false, "", "", 0, ""},
            {"sip:bob@[2001:db8::1", false, "", "", 0, ""},
            {"sip:bob@[::1]x", false, "", "", 0, ""},
            {"tel:", false, "", "", 0, ""},
            {"urn:service:sos", true, "", "", 0, ""},
            {"mailto:bob@example.com", true, "", "", 0, ""},
            {"urn:", false, "", "", 0, ""},
            {"a b:c", false, "", "", 0, ""},
            {"bob", false, "", "", 0, ""},
            {"", false, "", "", 0, ""},
        };
        for (const Row& row : rows) {
            CAPTURE(row.text);
            Uri uri;
            REQUIRE(parse_uri(row.text, uri) == row.is_valid);
            if (!row.is_valid) continue;
            CHECK(uri.whole == row.text);
            CHECK(uri.user == row.user);
            CHECK(uri.host == row.host);
            CHECK(uri.port == row.port);
            CHECK(uri.parameters == row.parameters);
        }
    }

    TEST_CASE("an address is found behind any display name") {
        struct Row {
            std::string_view text;
            std::string_view name;
            std::string_view user;
            std::string_view tag;
        };
        const Row rows[] = {
            {"\"Alice <x>; \\\"y\\\"\" <sip:alice@example.com>;tag=1", "Alice <x>; \\\"y\\\"", "alice", "1"},
            {"Alice B <sip:alice@example.com>;x=\";tag=no\";tag=yes", "Alice B", "alice", "yes"},
            {"<sip:alice@example.com;tag=uri>", "", "alice", ""},
            {"sip:alice@example.com;tag=2", "", "alice", "2"},
            {"  <tel:+12>\r\n ;TAG = 3", "", "+12", "3"},
            {"\"\"<sip:alice@example.com>", "", "alice", ""},
        };
        for (const Row& row : rows) {
            CAPTURE(row.text);
            NameAddr address;
            const AddressOutcome outcome = parse_address(row.text, Commas::are_text, address);
            REQUIRE(outcome.is_address);
            CHECK(outcome.has_uri);
            CHECK(address.display_name == row.name);
            CHECK(address.uri.user == row.user);
            CHECK(address.tag == row.tag);
        }
    }

    // A scheme in another case sends the address and its URI the long way.
    TEST_CASE("both ways to read an address read the same") {
        for (const std::string_view text : {
                 "<sip:alice@example.com>",
                 "\"Alice B\" <sip:alice@example.com:5062;transport=udp>;tag=1",
                 "\"\"<sip:alice@[2001:db8::1]:5061>;tag=\"a;b\";x",
                 "\"A \\\" B\" <sip:alice@example.com>",
                 "\"A\" ;x <sip:alice@example.com>",
                 "<sip:example.com>;tag=2",
                 "<sip:alice:secret@example.com:5060>",
                 "<sip:alice;x=1@example.com;lr?Subject=a>",
                 "<sip:alice@example.com:99999>",
                 "<sip:alice@example.com:506x>",
                 "<sip:alice@example.com:>;TAG=3",
                 "<sip:alice@>",
                 "<sip:@example.com>",
                 "<sip:al<ice@example.com>",
                 "<sip:alice@exa mple.com>",
                 "<sip:alice@example.com >;tag=4",
                 "<sip:alice@example.com;x=a b>",
                 "<sip:a@b@c>, <sip:d@e>",
                 "<sip:alice@example.com>;q=\",\", sip:2@x",
                 "<sip:alice@example.com;x >",
                 "<sip:alice@example.com",
             }) {
            for (const Commas commas : {Commas::are_text, Commas::separate}) {
                CAPTURE(text);
                NameAddr one;
                const AddressOutcome outcome = parse_address(text, commas, one);
                std::string varied(text);
                varied[varied.find("sip:")] = 'S';
                NameAddr two;
                const AddressOutcome other = parse_address(varied, commas, two);
                CHECK(outcome.is_address == other.is_address);
                CHECK(outcome.has_uri == other.has_uri);
                CHECK(outcome.rest.size() == other.rest.size());
                CHECK(one.display_name == two.display_name);
                CHECK(equal_ignore_case(one.uri.whole, two.uri.whole));
                CHECK(equal_ignore_case(one.uri.scheme, two.uri.scheme));
                CHECK(one.uri.user == two.uri.user);
                CHECK(one.uri.host == two.uri.host);
                CHECK(one.uri.port == two.uri.port);
                CHECK(one.uri.parameters == two.uri.parameters);
                CHECK(one.parameters == two.parameters);
                CHECK(one.tag == two.tag);
            }
        }
    }

    TEST_CASE("what is no address is refused") {
        for (const std::string_view text :
             {"", "   ", "\"open <sip:a@b>", "<sip:a@b", "\"name\"", "<>", ";tag=1"}) {
            CAPTURE(text);
            NameAddr address;
            CHECK_FALSE(parse_address(text, Commas::are_text, address).is_address);
        }
    }

    TEST_CASE("a list gives its addresses one by one") {
        std::string_view rest = "\"a, b\" <sip:1@x;p=1,2>;q=\",\", sip:2@x, <sip:3@x>";
        for (const std::string_view user : {"1", "2", "3"}) {
            NameAddr address;
            const AddressOutcome outcome = parse_address(rest, Commas::separate, address);
            REQUIRE(outcome.is_address);
            CHECK(address.uri.user == user);
            rest = outcome.rest;
        }
        CHECK(rest.empty());
    }
}

TEST_SUITE("sip") {
    TEST_CASE("a search finds the first stop at every place, from every start, and none outside") {
        const std::string around(100, ';');
        for (std::size_t length = 0; length <= 40; ++length) {
            std::string text = around;
            text.replace(20, length, length, 'x');
            for (std::size_t at = 0; at <= length; ++at) {
                if (at < length) text[20 + at] = ';';
                const std::string_view view = std::string_view(text).substr(20, length);
                for (std::size_t start = 0; start <= length; ++start) {
                    const std::size_t expected = at < length && start <= at ? at : length;
                    if (find_any<',', ';'>(view, start) != expected) {
                        CAPTURE(length);
                        CAPTURE(at);
                        CAPTURE(start);
                        CHECK(find_any<',', ';'>(view, start) == expected);
                    }
                }
                if (at < length) text[20 + at] = 'x';
            }
        }
    }
}
