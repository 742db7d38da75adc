// RTCP as JSON, the payload of HEP type 5, as agents send it (captagent, heplify, rtpengine, Asterisk):
//
//   {"ssrc":N, "type":200, "report_blocks":[{"source_ssrc":N, "fraction_lost":0-255, "packets_lost":N,
//    "highest_seq_no":N, "ia_jitter":N (timestamp units), "lsr":N, "dlsr":N}],
//    "report_blocks_xr":{"type":7, "id":N, "round_trip_delay":ms, …}}
//
// There is no specification; members may be absent, and what an agent made of encrypted RTCP is noise.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "record/record.hpp"

namespace hepcap::record {

struct RtcpReport {
    Integer ssrc;
    Integer packet_type;
    Json reports;  // [{"ssrc":…,"fraction_lost":…,"lost":…,"highest_seq":…,"jitter":…,"rtt_ms":…}]
};

// Keeps its parser's memory and the text of `reports` from call to call.
class RtcpJsonReader {
public:
    RtcpJsonReader();
    ~RtcpJsonReader();

    // Valid until the next call; nothing if `payload` is no JSON object.
    std::optional<RtcpReport> read(std::string_view payload);

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
    std::string reports_;
};

}  // namespace hepcap::record
