#include "base/network.hpp"

#include <doctest/doctest.h>

#include <string>

using hepcap::Network;
using hepcap::parse_ip_address;

TEST_SUITE_BEGIN("base");

TEST_CASE("an address is read in every form it is written in, and nothing else is one") {
    CHECK(parse_ip_address("192.0.2.1").to_text() == "192.0.2.1");
    CHECK(parse_ip_address("2001:DB8:0:0::1").to_text() == "2001:db8::1");
    CHECK(parse_ip_address("[2001:db8::1]").to_text() == "2001:db8::1");
    for (const std::string_view text : {"", "[]", "192.0.2", "192.0.2.256", "[192.0.2.1]", "fe80::1%eth0",
                                        "example.org", "::1 ", "1.2.3.4\n"}) {
        CAPTURE(text);
        CHECK(parse_ip_address(text).is_none());
    }
    CHECK(parse_ip_address(std::string_view("192.0.2.1\0x", 11)).is_none());
    CHECK(parse_ip_address(std::string(100, '1')).is_none());
}

TEST_CASE("a network contains the addresses that share its leading bits") {
    struct Row {
        std::string_view network, address;
        bool inside;
    };
    const Row rows[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"10.1.2.3/8", "10.9.9.9", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.128/25", "192.0.2.129", true},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"10.0.0.0/8", "::ffff:10.0.0.1", false},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"2001:db8::/33", "2001:db8:7fff::", true},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"2001:db8::1/128", "2001:db8::1", true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.network);
        CAPTURE(row.address);
        const auto network = Network::parse(row.network);
        REQUIRE(network.has_value());
        CHECK(network->contains(parse_ip_address(row.address)) == row.inside);
    }
}

TEST_CASE("a prefix that is no number or longer than the address makes no network") {
    for (const std::string_view text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                                        "2001:db8::/129", "example.org/8", "10/8"}) {
        CAPTURE(text);
        CHECK(!Network::parse(text));
    }
}

TEST_SUITE_END();
