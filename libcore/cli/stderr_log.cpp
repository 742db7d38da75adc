#include "cli/stderr_log.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace hepcap::cli {

void StderrLog::warn(std::string_view sentence) {
    if (verbosity_ != Verbosity::quiet) write("warning", sentence);
}

void StderrLog::error(std::string_view sentence) {
    has_errors_ = true;
    write("error", sentence);
}

void StderrLog::inform(std::string_view sentence) {
    if (is_verbose()) write("info", sentence);
}

void StderrLog::write(std::string_view level, std::string_view sentence) const {
    std::string line;
    if (format_ == LogFormat::json) {
        // File names may hold any octets; in a log line those that are no UTF-8 may be replaced.
        line = nlohmann::ordered_json{{"level", level}, {"tool", program_}, {"message", sentence}}.dump(
            -1, ' ', false, nlohmann::json::error_handler_t::replace);
    } else {
        line = fmt::format("{}: {}", program_, sentence);
    }
    line.push_back('\n');
    // One write a line, so that the lines of tools in one pipeline do not mix.  Where stderr cannot be
    // written there is nobody to tell.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace hepcap::cli
