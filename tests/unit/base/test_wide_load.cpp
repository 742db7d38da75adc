#include <doctest/doctest.h>
#include <sys/mman.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "record/json_text.hpp"
#include "sip/lines.hpp"

using namespace hepcap;

namespace {

// A text whose last octet is the last that may be read: the page behind it is forbidden.
class TextAtTheEdge {
public:
    static constexpr std::size_t page = 4096;

    TextAtTheEdge()
        : pages_(static_cast<char*>(
              mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
        REQUIRE(pages_ != MAP_FAILED);
        REQUIRE(mprotect(pages_ + page, page, PROT_NONE) == 0);
    }
    ~TextAtTheEdge() { munmap(pages_, 2 * page); }
    TextAtTheEdge(const TextAtTheEdge&) = delete;
    TextAtTheEdge& operator=(const TextAtTheEdge&) = delete;

    // `gap`: octets between the text and the forbidden page.
    std::string_view set(std::string_view text, std::size_t gap = 0) {
        char* const begin = pages_ + page - gap - text.size();
        std::copy(text.begin(), text.end(), begin);
        return {begin, text.size()};
    }

private:
    char* pages_;
};

}  // namespace

TEST_SUITE("base") {
    TEST_CASE("texts that end where memory ends are searched and escaped without a fault") {
        TextAtTheEdge edge;
        for (std::size_t size = 0; size < 300; ++size) {
            const std::string_view text = edge.set(std::string(size, 'a'));
            CAPTURE(size);
            CHECK(sip::find_any<'\n', ':'>(text) == size);
            sip::LineFeeds feeds(text);
            CHECK(feeds.next() == text.data() + size);
            std::string out(record::max_escaped_size(size) + record::escape_slack, '\0');
            const char* const end = record::escape_json(out.data(), text);
            CHECK(std::string_view(out.data(), static_cast<std::size_t>(end - out.data())) == text);
        }
    }

    TEST_CASE("texts near the end of memory are escaped without a fault") {
        TextAtTheEdge edge;
        for (const std::size_t size : {1, 33, 64, 65, 257, 300, 511, 700}) {
            for (std::size_t gap = 0; gap <= 130; ++gap) {
                for (const std::string_view tail : {"x", "\"", "\r", "\r\n"}) {
                    if (tail.size() > size) continue;
                    std::string text(size, 'a');
                    text.replace(size - tail.size(), tail.size(), tail);
                    std::string out(record::max_escaped_size(size) + record::escape_slack, '\0');
                    const char* const end = record::escape_json(out.data(), edge.set(text, gap));
                    const std::size_t added = tail == "x" ? 0 : tail.size();
                    if (end != out.data() + size + added) {
                        CAPTURE(size);
                        CAPTURE(gap);
                        CAPTURE(tail);
                        CHECK(end == out.data() + size + added);
                    }
                }
            }
        }
    }
}
