#include "net/address.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"
#include "base/network.hpp"

using namespace hepcap;
using net::SocketAddress;

TEST_SUITE_BEGIN("net");

namespace {

std::string refusal(std::string_view text) {
    try {
        net::parse_socket_address(text);
    } catch (const Error& e) {
        CHECK(e.code() == ExitCode::usage);
        return e.what();
    }
    return "";
}

}  // namespace

TEST_CASE("an address is protocol, host and port, and reads back as it is written") {
    struct Row {
        std::string_view text;
        SocketAddress wanted;
        std::string_view canonical;
    };
    using Protocol = SocketAddress::Protocol;
    const Row rows[] = {
        {"udp:192.0.2.1:9060", {Protocol::udp, "192.0.2.1", 9060}, "udp:192.0.2.1:9060"},
        {"tcp:hep.example.org", {Protocol::tcp, "hep.example.org", 9060}, "tcp:hep.example.org:9060"},
        {"tls:[2001:db8::1]:0", {Protocol::tls, "2001:db8::1", 0}, "tls:[2001:db8::1]:0"},
        {"udp:[::]", {Protocol::udp, "::", 9060}, "udp:[::]:9060"},
        {"udp:[fe80::1%eth0]:65535", {Protocol::udp, "fe80::1%eth0", 65535}, "udp:[fe80::1%eth0]:65535"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const SocketAddress found = net::parse_socket_address(row.text);
        CHECK(found == row.wanted);
        CHECK(found.to_text() == row.canonical);
        CHECK(net::parse_socket_address(found.to_text()) == found);
    }
}

TEST_CASE("what is no address is refused with the way out") {
    CHECK(refusal("upd:192.0.2.1:9060") ==
          "'upd:192.0.2.1:9060' begins with no protocol; did you mean 'udp'?");
    CHECK(refusal("192.0.2.1").find("does not begin with udp:, tcp: or tls:") != std::string::npos);
    CHECK(refusal("").find("does not begin with") != std::string::npos);
    CHECK(refusal("udp:2001:db8::1:9060").find("without brackets") != std::string::npos);
    CHECK(refusal("udp:[2001:db8::1").find("not closed") != std::string::npos);
    CHECK(refusal("udp:[192.0.2.1]:1").find("no IPv6 address") != std::string::npos);
    CHECK(refusal("udp:[::1]9060").find("after the bracket") != std::string::npos);
    for (const std::string_view text :
         {"udp:h:65536", "udp:h:-1", "udp:h:", "udp:h:90x", "udp:[::1]:", "udp:h: 1"}) {
        CAPTURE(text);
        CHECK(refusal(text).find("no port") != std::string::npos);
    }
    for (const std::string_view text : {"udp:", "udp::9060", "udp:a b:1", "udp:\x1b[2J:1"}) {
        CAPTURE(text);
        CHECK_FALSE(refusal(text).empty());
    }
    CHECK_FALSE(refusal("udp:" + std::string(254, 'a')).empty());
}

TEST_CASE("numeric addresses resolve to themselves, and endpoints survive the way to the system and back") {
    for (const std::string_view text : {"udp:127.0.0.1:9060", "tcp:[::1]:1", "tls:[2001:db8::7]:65535"}) {
        CAPTURE(text);
        const SocketAddress address = net::parse_socket_address(text);
        const auto found = net::resolve(address, net::Purpose::connect);
        REQUIRE(found.size() >= 1);
        const Endpoint endpoint = net::endpoint_of(found.front().storage);
        CHECK(endpoint.address == parse_ip_address(address.host));
        CHECK(endpoint.port == address.port);
        CHECK(net::endpoint_of(net::resolved(endpoint).storage) == endpoint);
    }
}

TEST_CASE("an IPv4 peer of a dual-stack socket has its IPv4 address") {
    const auto found =
        net::resolve(net::parse_socket_address("udp:[::ffff:192.0.2.9]:7"), net::Purpose::connect);
    const Endpoint endpoint = net::endpoint_of(found.front().storage);
    CHECK(net::to_text(endpoint) == "192.0.2.9:7");
    CHECK(net::to_text({parse_ip_address("2001:db8::1"), 5}) == "[2001:db8::1]:5");
}

TEST_CASE("a host that is a name of nothing is an error that names it") {
    try {
        net::resolve(net::parse_socket_address("udp:no-such-host.invalid:1"), net::Purpose::connect);
        FAIL("resolved");
    } catch (const Error& e) {
        CHECK(std::string(e.what()).find("'no-such-host.invalid'") != std::string::npos);
    }
}

TEST_SUITE_END();
