// How long to leave a server alone that did not answer: a fifth of a second, doubled each time up to
// ten seconds, and each pause scattered over its second half.  Clients that lost the same server at the
// same moment then do not all come back at the same moment.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace hepcap {

class Backoff {
public:
    using Clock = std::chrono::steady_clock;
    using milliseconds = std::chrono::milliseconds;

    static constexpr milliseconds shortest{200};
    static constexpr milliseconds longest{10'000};

    milliseconds next() {
        const milliseconds pause = pause_;
        pause_ = std::min(pause_ * 2, longest);
        std::uniform_int_distribution<milliseconds::rep> scatter(pause.count() / 2, pause.count());
        return milliseconds(scatter(random_));
    }

    void reset() { pause_ = shortest; }

private:
    milliseconds pause_ = shortest;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace hepcap
