// Where library code says what a person must know.  The library itself never prints: a tool hands
// in a Log that writes to stderr, a test one that remembers.
#pragma once

#include <string_view>

namespace hepcap {

class Log {
public:
    virtual ~Log() = default;

    // Worth knowing; the work is complete all the same.
    virtual void warn(std::string_view sentence) = 0;

    // Something could not be done: the tool will end with status 1.
    virtual void error(std::string_view sentence) = 0;
};

}  // namespace hepcap
