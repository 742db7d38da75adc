// What a tool says to a person: one line a sentence on stderr, "hepcap-decode: …", or JSON for log
// collectors, with the level in front where stderr leads to systemd's journal.  Errors are remembered,
// because the process ends with status 1 after one.  Any thread may speak; progress belongs to the one
// that works.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/log.hpp"

namespace hepcap::cli {

enum class Verbosity : std::uint8_t { quiet, normal, verbose };
enum class LogFormat : std::uint8_t { text, json };

class StderrLog : public Log {
public:
    StderrLog(std::string program, Verbosity verbosity, LogFormat format);

    void warn(std::string_view sentence) override;
    void error(std::string_view sentence) override;

    // What was chosen, the counters: only with -v.
    void inform(std::string_view sentence);

    // How far long work has come: one line that is written over, at most four times a second.  Only
    // where a person watches: stderr is a terminal, and data does not go to the same one.
    void progress(std::uint64_t count, std::string_view what) {
        if ((count & 0xfff) == 0 && shows_progress_) write_progress(count, what);
    }
    // Takes the line away; every message does, and the end of the work.
    void end_progress() const;

    bool is_verbose() const { return verbosity_ == Verbosity::verbose; }
    bool has_errors() const { return has_errors_; }

private:
    void write(std::string_view level, std::string_view sentence) const;
    void write_progress(std::uint64_t count, std::string_view what);

    std::string program_;
    Verbosity verbosity_;
    LogFormat format_;
    bool leads_to_journal_;
    std::atomic<bool> has_errors_ = false;
    bool shows_progress_;
    mutable std::atomic<bool> has_line_ = false;
    std::chrono::steady_clock::time_point next_progress_;
};

}  // namespace hepcap::cli
