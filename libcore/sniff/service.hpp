// hepcap-raw at work: from open sources to closed files, privileges dropped in between, and what is said
// about it at the end.  The tool above it only knows words of the command line.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "capture/live_source.hpp"
#include "control/close_command.hpp"
#include "control/server.hpp"
#include "sniff/packet_work.hpp"
#include "sniff/shared_output.hpp"

namespace hepcap::sniff {

struct ServiceOptions {
    WorkOptions work;
    OutputOptions output;
    std::string on_close;  // a command; empty for none
    std::string user;      // to become; empty for nobody
    bool begins_on = true;
    control::Identity identity;
    control::ServerOptions control;
};

class Service {
public:
    Service(ServiceOptions options, Log& log);

    // Sources are open, nothing of them was read yet.  Returns when all is written, or an Error was
    // said to the log.
    void run_live(std::vector<std::unique_ptr<capture::LiveSource>> sources);

    // `open` is given what the source is to call before it waits for its input.
    using Open = std::function<std::unique_ptr<capture::Source>(std::function<void()> before_wait)>;
    // `progress` is told how many packets were read, for each.
    void run_files(const Open& open, const std::function<void(std::uint64_t)>& progress);

    // What was lost, cut or left out goes to the log as it deserves.
    void report();
    // One sentence of figures.
    std::string counters();
    // Packets or records, whichever are written.
    std::uint64_t written();

private:
    void begin_output();
    void finish();

    ServiceOptions options_;
    Log& log_;
    control::CaptureSwitch switch_;
    control::Counters counters_;
    SniffCounters counts_;
    std::optional<control::CloseCommand> command_;
    std::optional<SharedOutput> output_;
};

}  // namespace hepcap::sniff
