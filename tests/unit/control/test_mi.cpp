#include "control/mi.hpp"

#include <doctest/doctest.h>

using hepcap::control::answer_mi;
using hepcap::control::CaptureSwitch;
using hepcap::control::MiCause;
using hepcap::control::MiFramer;
using hepcap::control::parse_mi;

namespace {

std::string frames(std::string_view octets, std::size_t step) {
    MiFramer framer(1000);
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += step) {
        framer.append(octets.substr(at, step));
        while (const auto text = framer.next()) out += "<" + std::string(*text) + ">";
    }
    return out;
}

}  // namespace

TEST_SUITE_BEGIN("control");

TEST_CASE("sip_capture of the old MI answers and switches as the module did") {
    struct Row {
        std::string_view name, request, answer;
        bool is_on;
    };
    // In order: each starts with what the one before it left.
    const Row rows[] = {
        {"asked", ":sip_capture:reply\n", "200 OK\non\n\n", true},
        {"off", ":sip_capture:reply\noff\n", "200 OK\n\n", false},
        {"asked again", ":sip_capture:reply\n", "200 OK\noff\n\n", false},
        {"on, in capitals", ":sip_capture:reply\nON\n", "200 OK\n\n", true},
        {"more than the word", ":sip_capture:reply\noffline\n", "400 Bad parameter\n\n", true},
        {"quoted", ":sip_capture:reply\n\"off\"\n", "200 OK\n\n", false},
        {"with a name", ":sip_capture:reply\ncapture_mode::on\n", "200 OK\n\n", true},
        {"carriage returns", ":sip_capture:reply\r\noff\r\n", "200 OK\n\n", false},
        {"another command", ":uptime:reply\n", "500 command 'uptime' not available\n", false},
    };
    CaptureSwitch capture(true);
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const auto request = parse_mi(row.request);
        REQUIRE(request.has_value());
        CHECK(request->reply_name == "reply");
        CHECK(answer_mi(*request, capture) == row.answer);
        CHECK(capture.is_on() == row.is_on);
    }
}

TEST_CASE("a command line of another form is refused") {
    CHECK(parse_mi("sip_capture:reply\n").error() == MiCause::no_colon);
    CHECK(parse_mi("").error() == MiCause::no_colon);
    CHECK(parse_mi(":sip_capture\n").error() == MiCause::no_second_colon);
    CHECK(parse_mi("::reply\n").error() == MiCause::no_command);
    CHECK(parse_mi(":sip_capture:\n")->reply_name.empty());
}

TEST_CASE("a stream is cut at empty lines however it arrives") {
    const std::string_view octets = "\n:a:r\non\n\n\n:b:r\r\n\r\nnonsense\n\n:c:r\n";
    for (std::size_t step = 1; step <= octets.size(); ++step) {
        CHECK(frames(octets, step) == "<:a:r\non\n><:b:r\r\n><nonsense\n>");
    }
}

TEST_SUITE_END();
