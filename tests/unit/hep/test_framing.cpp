#include "hep/framing.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hepcap;

TEST_SUITE_BEGIN("hep");

namespace {

std::string outcome(std::string_view beginning) {
    const auto size = hep::frame_size(as_bytes(beginning));
    return size ? std::to_string(*size) : std::string(hep::frame_fault_name(size.error()));
}

}  // namespace

TEST_CASE("the size of a frame is known with its sixth octet, and not before") {
    const std::string frame("HEP3\x00\x86 and all its chunks", 26);
    for (std::size_t i = 1; i < 6; ++i) {
        CAPTURE(i);
        CHECK(outcome(frame.substr(0, i)) == "0");
    }
    for (std::size_t i = 6; i <= frame.size(); ++i) {
        CAPTURE(i);
        CHECK(outcome(frame.substr(0, i)) == "134");
    }
    CHECK(outcome(std::string("EEP3\x00\x06", 6)) == "6");
    CHECK(outcome("EEP1\xff\xff") == "65535");
}

TEST_CASE("what is no HEP3 is seen with the first octet that shows it, and named") {
    CHECK(outcome("S") == "unknown-magic");
    CHECK(outcome("HEP2") == "unknown-magic");
    CHECK(outcome("HEP") == "0");
    CHECK(outcome("HEX") == "unknown-magic");
    CHECK(outcome("EEP2") == "unknown-magic");
    CHECK(outcome(std::string("\x00", 1)) == "unknown-magic");
    CHECK(outcome("\x01") == "datagram-version");
    CHECK(outcome("\x02\x10\x02\x11") == "datagram-version");
    CHECK(outcome("\x1f\x8b\x08") == "unknown-magic");
    CHECK(outcome(std::string("HEP3\x00\x05", 6)) == "bad-total-length");
    CHECK(outcome(std::string("HEP3\x00\x00", 6)) == "bad-total-length");
}

TEST_SUITE_END();
