// How the control server itself is asked, and what it refuses: registered beside the tool's counters.
#pragma once

#include "control/counters.hpp"

namespace hepcap::control {

class Traffic {
public:
    explicit Traffic(Counters& counters)
        : requests(counters.add("hepcap_control_requests_total",
                                "Requests answered, over the control socket and the FIFOs.")),
          malformed(refused(counters, "malformed")),
          too_long(refused(counters, "too-long")),
          incomplete(refused(counters, "incomplete")),
          slow(refused(counters, "slow")),
          crowd(refused(counters, "crowd")),
          reply_name(refused(counters, "reply-name")),
          no_reader(refused(counters, "no-reader")) {}

    Counter& requests;
    Counter& malformed;   // no JSON-RPC, no MI
    Counter& too_long;    // longer than a request may be
    Counter& incomplete;  // begun in a FIFO and not ended
    Counter& slow;        // a client that neither ended its request nor took its answer
    Counter& crowd;       // a client cut because too many are connected
    Counter& reply_name;  // a reply FIFO that is none, or not where it has to be
    Counter& no_reader;   // a reply FIFO that nobody read

private:
    static Counter& refused(Counters& counters, const char* cause) {
        return counters.add("hepcap_control_refused_total", "Requests refused or given up, by cause.",
                            label("cause", cause));
    }
};

// Longest request; the longest that hepcap-ctl and kamctl write are some hundred octets.
inline constexpr std::size_t max_request = 64 * 1024;

}  // namespace hepcap::control
