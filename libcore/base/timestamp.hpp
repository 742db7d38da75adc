// A moment: nanoseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted (POSIX time).
// 64 bits reach from 1677 to 2262; every reader saturates to that range.
#pragma once

#include <compare>
#include <cstdint>
#include <ctime>
#include <limits>

namespace hepcap {

struct Timestamp {
    std::int64_t ns = 0;

    // Times before 1970 round down, so that second() and nanosecond() stay consistent.
    std::int64_t micros() const { return floor_div(ns, 1'000); }
    std::int64_t second() const { return floor_div(ns, 1'000'000'000); }
    std::uint32_t nanosecond() const { return static_cast<std::uint32_t>(ns - second() * 1'000'000'000); }

    // The clock of the system (CLOCK_REALTIME).
    static Timestamp now() {
        timespec t{};
        ::clock_gettime(CLOCK_REALTIME, &t);
        return from_parts(t.tv_sec, t.tv_nsec);
    }

    // Without what is finer than a microsecond: all that HEP and a record's six digits can say.
    Timestamp in_micros() const { return {micros() * 1'000}; }

    // `fraction_ns` may exceed one second: it is carried, as HEP receivers do.
    static Timestamp from_parts(std::int64_t seconds, std::int64_t fraction_ns) {
        std::int64_t whole = 0;
        std::int64_t sum = 0;
        if (__builtin_mul_overflow(seconds, std::int64_t{1'000'000'000}, &whole)) {
            return {seconds < 0 ? std::numeric_limits<std::int64_t>::min()
                                : std::numeric_limits<std::int64_t>::max()};
        }
        if (__builtin_add_overflow(whole, fraction_ns, &sum)) {
            return {whole < 0 ? std::numeric_limits<std::int64_t>::min()
                              : std::numeric_limits<std::int64_t>::max()};
        }
        return {sum};
    }

    friend auto operator<=>(const Timestamp&, const Timestamp&) = default;

private:
    static std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
};

}  // namespace hepcap
