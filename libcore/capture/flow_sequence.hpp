// Sequence numbers for the segments of streams of which only messages are known: in each direction of a
// flow they go on where the last message ended, so that a reader of the packets sees a stream without
// gaps or repetitions.
//
// Flows are remembered in a table of fixed size, where a new one takes the place of another.  One that
// comes back after that goes on at a number made from the time, which is ahead of where it was as long
// as it carries less than a million octets a second.
#pragma once

#include <cstdint>
#include <vector>

#include "base/endpoint.hpp"
#include "base/timestamp.hpp"

namespace hepcap::capture {

class FlowSequence {
public:
    static constexpr std::size_t remembered = 8192;

    FlowSequence() : entries_(remembered) {}

    // The sequence number of the first of `size` octets from one end to the other; the next call for
    // these ends gives the one behind the last of them.
    std::uint32_t advance(const Endpoint& from, const Endpoint& to, Timestamp time, std::size_t size);

    // Where the flow from one end to the other stands; 0 where nothing is known of it.
    std::uint32_t peek(const Endpoint& from, const Endpoint& to) const;

private:
    struct Entry {
        Endpoint from;
        Endpoint to;
        std::uint32_t next = 0;
    };

    static std::size_t place_of(const Endpoint& from, const Endpoint& to);

    std::vector<Entry> entries_;
};

}  // namespace hepcap::capture
