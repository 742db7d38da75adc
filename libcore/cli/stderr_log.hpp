// What a tool says to a person: one line a sentence on stderr, "hepcap-decode: …", or JSON for log
// collectors.  Errors are remembered, because the process ends with status 1 after one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/log.hpp"

namespace hepcap::cli {

enum class Verbosity : std::uint8_t { quiet, normal, verbose };
enum class LogFormat : std::uint8_t { text, json };

class StderrLog : public Log {
public:
    StderrLog(std::string program, Verbosity verbosity, LogFormat format)
        : program_(std::move(program)), verbosity_(verbosity), format_(format) {}

    void warn(std::string_view sentence) override;
    void error(std::string_view sentence) override;

    // What was chosen, the counters: only with -v.
    void inform(std::string_view sentence);

    bool is_verbose() const { return verbosity_ == Verbosity::verbose; }
    bool has_errors() const { return has_errors_; }

private:
    void write(std::string_view level, std::string_view sentence) const;

    std::string program_;
    Verbosity verbosity_;
    LogFormat format_;
    bool has_errors_ = false;
};

}  // namespace hepcap::cli
