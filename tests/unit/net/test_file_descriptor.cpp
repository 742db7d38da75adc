#include "base/file_descriptor.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

using hepcap::FileDescriptor;

TEST_SUITE_BEGIN("net");

namespace {

int open_null() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

}  // namespace

TEST_CASE("a descriptor is closed once, by its last owner") {
    const int number = open_null();
    {
        FileDescriptor first(number);
        FileDescriptor second(std::move(first));
        CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move): that it is empty now is the point
        CHECK(second.get() == number);
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
}

TEST_CASE("a descriptor that is released stays open, and one that is replaced does not") {
    FileDescriptor held(open_null());
    const int given_away = held.release();
    CHECK_FALSE(held);
    CHECK(is_open(given_away));
    held.reset(given_away);
    const int next = open_null();
    held.reset(next);
    CHECK_FALSE(is_open(given_away));
    CHECK(is_open(next));
}

TEST_SUITE_END();
