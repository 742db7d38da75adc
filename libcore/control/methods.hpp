// What a running tool answers over JSON-RPC and the old MI: the names, arguments and answers are those
// of Kamailio and its sipcapture module, so that what is scripted against them goes on working.
//
//   sipcapture.status on|off|check     core.version   core.uptime   core.psx
//   stats.get_statistics all|GROUP:|NAME ...          stats.reset_statistics, stats.clear_statistics
//   system.listMethods                 system.methodHelp NAME
//   hepcap.counters                    all metrics as one object, each by its full name
//
// In the statistics a counter hepcap_<thing>_total{cause="x"} is `sipcapture:<thing>[x]`, as the module
// writes the name of a capture mode.  Resetting them changes what the stats methods show and nothing
// else: the metrics page and the closing line go on counting, since there a number that falls back
// means a restart.
#pragma once

#include <chrono>
#include <string>

#include "control/capture_switch.hpp"
#include "control/counters.hpp"
#include "control/json_rpc.hpp"

namespace hepcap::control {

// Who answers.
struct Identity {
    std::string program;  // hepcap-listen
    std::string version;  // 0.1.0
    std::chrono::system_clock::time_point since = std::chrono::system_clock::now();
};

// Teaches `rpc` the methods above; the capture switch and the counters must outlive it.
void add_methods(JsonRpc& rpc, CaptureSwitch& capture, Counters& counters, const Identity& identity);

// What the stats methods call a value.
std::string statistic_name(const Sample& sample);

}  // namespace hepcap::control
