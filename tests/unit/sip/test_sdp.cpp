#include <doctest/doctest.h>

#include <string>

#include "sip/sdp.hpp"

using namespace hepcap::sip;

namespace {

Sdp parse_sdp(std::string_view content_type, std::string_view body) {
    Sdp sdp;
    hepcap::sip::parse_sdp(content_type, body, sdp);
    return sdp;
}

std::string codecs(const Sdp& sdp) {
    std::string all;
    for (std::size_t i = 0; i < sdp.format_count; ++i) all.append(sdp.codecs[i]).append(" ");
    return all;
}

constexpr std::string_view offer =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.1/127\r\nt=0 0\r\na=inactive\r\n"
    "m=audio 40000/2 RTP/AVP 111 8 99 101\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:101 "
    "telephone-event/8000\r\na=sendonly\r\n"
    "m=video 40002 RTP/AVP 31\r\nc=IN IP4 192.0.2.3\r\na=recvonly\r\n";

}  // namespace

TEST_SUITE("sip") {
    TEST_CASE("the first media description counts, codecs in the order of preference") {
        const Sdp sdp = parse_sdp("application/sdp", offer);
        CHECK(sdp.address == "192.0.2.1");
        CHECK(sdp.port == 40000);
        CHECK(sdp.direction == "sendonly");
        CHECK(codecs(sdp) == "opus PCMA 99 telephone-event ");
    }

    TEST_CASE("the media's own address and the session's direction are taken") {
        const Sdp sdp =
            parse_sdp("Application/SDP;charset=utf-8",
                      "v=0\na=recvonly\nc=IN IP6 2001:db8::1\nm=audio 4 RTP/AVP 0\nc=IN IP6 2001:db8::2\n");
        CHECK(sdp.address == "2001:db8::2");
        CHECK(sdp.direction == "recvonly");
        CHECK(codecs(sdp) == "PCMU ");
    }

    TEST_CASE("the SDP part of a multipart body is found") {
        const std::string body =
            "--x\r\nContent-Type: application/isup\r\n\r\n\x01\r\n--x\r\nContent-Type: "
            "application/sdp\r\n\r\n" +
            std::string(offer) + "--x--\r\n";
        CHECK(parse_sdp("multipart/mixed;boundary=x", body).port == 40000);
    }

    TEST_CASE("another body has no media") {
        CHECK_FALSE(parse_sdp("text/plain", offer).has_media);
        CHECK_FALSE(parse_sdp("application/sdp", "v=0\r\n").has_media);
        CHECK_FALSE(parse_sdp("application/sdp", "").has_media);
    }

    TEST_CASE("a port that can be none is left out, the codecs stay") {
        const Sdp sdp = parse_sdp("application/sdp", "m=audio 70000 RTP/AVP 0\r\nm=video 5 RTP/AVP 31\r\n");
        CHECK(sdp.has_media);
        CHECK(sdp.port == -1);
        CHECK(codecs(sdp) == "PCMU ");
    }

    TEST_CASE("a payload type is a codec only where it is spelled as a number is") {
        CHECK(codecs(parse_sdp("application/sdp", "m=audio 1 RTP/AVP 0 00 34 35 2 1x x 100")) ==
              "PCMU 00 H263 35 2 1x x 100 ");
    }

    TEST_CASE("an Sdp that is used again knows nothing of the body before") {
        Sdp sdp;
        hepcap::sip::parse_sdp("application/sdp", offer, sdp);
        hepcap::sip::parse_sdp("application/sdp", "v=0", sdp);
        CHECK_FALSE(sdp.has_media);
        CHECK(sdp.address.empty());
        CHECK(sdp.direction.empty());
        CHECK(sdp.port == -1);
        CHECK(codecs(sdp).empty());
    }

    TEST_CASE("more formats than fit keep the first ones") {
        std::string body = "m=audio 1 RTP/AVP";
        for (int i = 0; i < 100; ++i) body += " 0";
        CHECK(parse_sdp("application/sdp", body).format_count == Sdp::max_formats);
    }
}
