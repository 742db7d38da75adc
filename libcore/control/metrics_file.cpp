#include "control/metrics_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

#include "base/error.hpp"
#include "base/file_descriptor.hpp"

namespace hepcap::control {

MetricsFile::MetricsFile(std::string path, std::chrono::seconds interval, const Counters& counters, Log& log)
    : path_(std::move(path)), interval_(interval), counters_(counters), log_(log) {
    write_or_throw();
    next_ = Clock::now() + interval_;
}

void MetricsFile::serve() {
    if (Clock::now() < next_) return;
    write();
    next_ = Clock::now() + interval_;
}

void MetricsFile::write() {
    try {
        write_or_throw();
        has_failed_ = false;
    } catch (const Error& e) {
        if (!has_failed_) log_.warn(e.what());
        has_failed_ = true;
    }
}

void MetricsFile::write_or_throw() const {
    std::string text;
    counters_.render_prometheus(text);
    // Beside the file, since a rename does not leave its file system, and with an end that the textfile
    // collector does not read.
    const std::string part = path_ + ".part";
    const auto fail = [&](std::string_view verb) {
        const int cause = errno;
        ::unlink(part.c_str());
        throw Error(fmt::format("cannot {} the metrics file '{}': {}", verb, path_, errno_text(cause)));
    };
    FileDescriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file) fail("create");
    for (std::string_view rest = text; !rest.empty();) {
        const ssize_t put = ::write(file.get(), rest.data(), rest.size());
        if (put < 0) {
            if (errno == EINTR) continue;
            fail("write");
        }
        rest.remove_prefix(static_cast<std::size_t>(put));
    }
    if (::close(file.release()) != 0) fail("write");
    if (::rename(part.c_str(), path_.c_str()) != 0) fail("replace");
}

}  // namespace hepcap::control
