#include "cli/stderr_log.hpp"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include <nlohmann/json.hpp>

namespace hepcap::cli {

namespace {

constexpr std::chrono::milliseconds progress_interval{250};

// Where stderr cannot be written there is nobody to tell.
void write_stderr(std::string_view text) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

// systemd says in $JOURNAL_STREAM which device and inode leads to the journal, systemd.exec(5).
bool leads_to_journal() {
    const char* const stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    return stream && ::fstat(STDERR_FILENO, &status) == 0 &&
           fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

// Levels as the journal takes them from the beginning of a line, sd-daemon(3).
std::string_view journal_prefix(std::string_view level) {
    return level == "error" ? "<3>" : level == "warning" ? "<4>" : "<6>";
}

}  // namespace

StderrLog::StderrLog(std::string program, Verbosity verbosity, LogFormat format)
    : program_(std::move(program)),
      verbosity_(verbosity),
      format_(format),
      leads_to_journal_(leads_to_journal()),
      shows_progress_(verbosity != Verbosity::quiet && isatty(STDERR_FILENO) != 0 &&
                      isatty(STDOUT_FILENO) == 0),
      next_progress_(std::chrono::steady_clock::now() + progress_interval) {}

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
    if (leads_to_journal_) line.insert(0, journal_prefix(level));
    line.push_back('\n');
    // One write a line, so that the lines of tools in one pipeline do not mix.
    end_progress();
    write_stderr(line);
}

void StderrLog::write_progress(std::uint64_t count, std::string_view what) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_progress_) return;
    next_progress_ = now + progress_interval;
    write_stderr(fmt::format("\r{}: {} {}", program_, count, what));
    has_line_ = true;
}

void StderrLog::end_progress() const {
    if (has_line_.exchange(false)) write_stderr("\r\x1b[K");
}

}  // namespace hepcap::cli
