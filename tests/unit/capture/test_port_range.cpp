#include "capture/port_range.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"

using namespace hepcap;
using namespace hepcap::capture;

TEST_SUITE("capture") {
    TEST_CASE("a port is a range of one, and both ends of a range belong to it") {
        CHECK(parse_port_range("5060") == PortRange{5060, 5060});
        CHECK(parse_port_range("5060-5090") == PortRange{5060, 5090});
        CHECK(parse_port_range("1-65535") == PortRange{1, 65535});
        CHECK(PortRange{5060, 5090}.contains(5060));
        CHECK(PortRange{5060, 5090}.contains(5090));
        CHECK_FALSE(PortRange{5060, 5090}.contains(5091));
    }

    TEST_CASE("what is no port, or ends before it begins, is wrong usage") {
        for (const char* text :
             {"", "0", "65536", "5060-", "-5060", "sip", "5060 ", "5060-5090-", "5090-5060"}) {
            CAPTURE(text);
            try {
                parse_port_range(text);
                FAIL("accepted");
            } catch (const Error& error) {
                CHECK(error.code() == ExitCode::usage);
            }
        }
    }

    TEST_CASE("one end in one of the ranges is enough, and no ranges are all ports") {
        const std::vector<PortRange> ranges{{5060, 5061}, {5080, 5080}};
        CHECK(is_any_port_in(ranges, 5061, 40000));
        CHECK(is_any_port_in(ranges, 40000, 5080));
        CHECK_FALSE(is_any_port_in(ranges, 5062, 5079));
        CHECK(is_any_port_in({}, 1, 2));
    }

    TEST_CASE("raw_socket_listen is an address, ports, or both") {
        CHECK(parse_raw_listen("192.0.2.1").address.to_text() == "192.0.2.1");
        CHECK(parse_raw_listen("192.0.2.1").ports.empty());
        CHECK(parse_raw_listen("2001:db8::1").address.to_text() == "2001:db8::1");
        const RawListen both = parse_raw_listen("192.0.2.1:5060-5090");
        CHECK(both.address.to_text() == "192.0.2.1");
        REQUIRE(both.ports.size() == 1);
        CHECK(both.ports[0] == PortRange{5060, 5090});
        const RawListen six = parse_raw_listen("[2001:db8::1]:5060");
        CHECK(six.address.to_text() == "2001:db8::1");
        CHECK(six.ports[0] == PortRange{5060, 5060});
        const RawListen ports = parse_raw_listen(":5060");
        CHECK(ports.address.is_none());
        CHECK(ports.ports[0] == PortRange{5060, 5060});
        for (const char* text :
             {"", "192.0.2.300", "example.org:5060", "192.0.2.1:", "2001:db8::1:70000:5060"}) {
            CAPTURE(text);
            CHECK_THROWS_AS(parse_raw_listen(text), Error);
        }
    }
}
