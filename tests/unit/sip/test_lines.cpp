#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "sip/lines.hpp"

using namespace hepcap::sip;

TEST_SUITE("sip") {
    TEST_CASE("each line feed of a text is found once and in order, then the end") {
        for (std::size_t size = 0; size < 200; ++size) {
            for (const std::size_t step : {1u, 7u, 63u, 64u, 65u}) {
                std::string text(size, 'x');
                std::vector<std::size_t> expected;
                for (std::size_t at = step - 1; at < size; at += step) {
                    text[at] = '\n';
                    expected.push_back(at);
                }
                std::vector<std::size_t> found;
                LineFeeds feeds(text);
                const char* const end = text.data() + size;
                for (const char* at = feeds.next(); at != end; at = feeds.next()) {
                    found.push_back(static_cast<std::size_t>(at - text.data()));
                }
                CAPTURE(size);
                CAPTURE(step);
                CHECK(found == expected);
                CHECK(feeds.next() == end);
            }
        }
    }
}
