// The body of a SIP PUBLISH of type application/vq-rtcpxr (RFC 6035, 4.6), which HEP types 35 and 99 carry as
// well:
//
//     VQSessionReport: CallTerm
//     CallID: 12345@192.0.2.1
//     LocalMetrics:
//     QualityEst:RLQ=90 MOSLQ=4.2 MOSCQ=4.1
//     Delay:RTD=200 ESD=140 IAJ=2
//
// as JSON: lines are members, lines of NAME=VALUE pairs objects, and what stands behind LocalMetrics and
// RemoteMetrics is in an object of that name.  Values stay texts, as they were written.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace hepcap::report {

using Data = nlohmann::ordered_json;

// Whether the text begins as such a body does.
bool is_vq_report(std::string_view text);

// An object; empty where there is nothing of the kind.
Data parse_vq_report(std::string_view body);

}  // namespace hepcap::report
