// The metrics as a file, for node_exporter's textfile collector and for people: written anew every few
// seconds and at the end, complete at every moment because it is renamed into place.
#pragma once

#include <chrono>
#include <string>

#include "base/log.hpp"
#include "control/counters.hpp"
#include "control/waiting.hpp"

namespace hepcap::control {

class MetricsFile {
public:
    // Writes it a first time; throws Error where that cannot be done.
    MetricsFile(std::string path, std::chrono::seconds interval, const Counters& counters, Log& log);

    void prepare(Waiting& waiting) const { waiting.until(next_); }
    // Writes it when it is time.
    void serve();
    // Writes it now.  A failure is a warning, once until it works again: the next try may succeed.
    void write();

private:
    // Throws Error.
    void write_or_throw() const;

    std::string path_;
    std::chrono::seconds interval_;
    const Counters& counters_;
    Log& log_;
    Clock::time_point next_{};
    bool has_failed_ = false;
};

}  // namespace hepcap::control
