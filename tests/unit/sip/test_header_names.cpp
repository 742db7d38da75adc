#include <doctest/doctest.h>

#include <string>

#include "sip/header_names.hpp"

using namespace hepcap::sip;

TEST_SUITE("sip") {
    TEST_CASE("header names are found in any case, and their compact forms") {
        for (const std::string_view name : {"Call-ID", "CALL-ID", "call-id", "cAlL-iD", "i", "I"}) {
            CAPTURE(name);
            CHECK(find_header_name(name) == HeaderName::call_id);
        }
        CHECK(find_header_name("P-Asserted-Identity") == HeaderName::p_asserted_identity);
        CHECK(find_header_name("x-siemens-rtp-STATS") == HeaderName::x_siemens_rtp_stats);
        CHECK(find_header_name("Remote-Party-ID") == HeaderName::remote_party_id);
    }

    TEST_CASE("a name with one octet more or another one is another name") {
        for (const std::string_view name :
             {"Via", "v", "To", "CSeq", "Call-ID", "RTP-RxStat", "Remote-Party-ID", "Proxy-Authorization"}) {
            CAPTURE(name);
            CHECK(find_header_name(name) != HeaderName::other);
            for (int octet = 0; octet < 256; ++octet) {
                CAPTURE(octet);
                const char c = static_cast<char>(octet);
                CHECK(find_header_name(std::string(name) + c) == HeaderName::other);
                CHECK(find_header_name(std::string(name) + std::string(16 - name.size() % 16, c)) ==
                      HeaderName::other);
                for (std::size_t i = 0; i < name.size(); ++i) {
                    std::string changed(name);
                    if ((changed[i] | 0x20) == (c | 0x20) &&
                        ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
                        continue;  // the same letter
                    if (changed[i] == c) continue;
                    changed[i] = c;
                    const bool is_compact =
                        changed.size() == 1 && find_header_name(changed) != HeaderName::other;
                    CHECK((is_compact || find_header_name(changed) == HeaderName::other));
                }
            }
        }
    }
}
