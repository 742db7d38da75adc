#include "load/arrivals.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/file_descriptor.hpp"

namespace hepcap::load {
namespace {

// A name that is taken gets a number; so many files of one name are a mistake of somebody's.
constexpr int most_of_a_name = 10'000;

struct stat status_of(const std::string& directory) {
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0)
        throw Error(fmt::format("cannot use '{}': {}; it must be a directory that is there", directory,
                                errno_text(errno)),
                    ExitCode::usage);
    if (!S_ISDIR(status.st_mode))
        throw Error(fmt::format("cannot use '{}': it is no directory", directory), ExitCode::usage);
    return status;
}

// What changes when a file is written to, or another takes its name.
struct Condition {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modified_s = 0;
    std::int64_t modified_ns = 0;

    friend bool operator==(const Condition&, const Condition&) = default;
};

std::optional<Condition> condition_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return Condition{status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec};
}

// Keeps those who would open the file for writing waiting, by a lease (F_SETLEASE in fcntl(2)), which nobody
// gets of a file that is open for writing.  Leases are for the file's owner, and not of all file systems:
// where there is none, nobody is kept out and nothing known.
class WritersKeptOut {
public:
    explicit WritersKeptOut(const std::string& path)
        : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
        // Who waits makes the kernel send a signal; SIGIO would end us, SIGURG is ignored.
        if (!fd_ || ::fcntl(fd_.get(), F_SETSIG, SIGURG) != 0) return;
        is_written_ = ::fcntl(fd_.get(), F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
    }

    // Somebody has it open for writing.
    bool is_written() const { return is_written_; }

private:
    FileDescriptor fd_;  // the lease ends with it
    bool is_written_ = false;
};

}  // namespace

void check_done_directory(const std::string& directory, const std::vector<std::string>& watched) {
    const struct stat done = status_of(directory);
    for (const std::string& folder : watched) {
        const struct stat from = status_of(folder);
        if (from.st_dev != done.st_dev) {
            throw Error(fmt::format("--done-dir: '{}' is on another file system than '{}', and a file cannot "
                                    "be moved there in one step; name a directory beside it",
                                    directory, folder),
                        ExitCode::usage);
        }
        if (from.st_ino == done.st_ino) {
            throw Error(fmt::format("--done-dir: '{}' is watched itself; name another directory", directory),
                        ExitCode::usage);
        }
    }
}

Arrivals::Arrivals(Feeding& feeding, Loader& loader, Log& log, std::string done_directory,
                   std::function<void()> when_idle)
    : feeding_(feeding),
      loader_(loader),
      log_(log),
      done_directory_(std::move(done_directory)),
      when_idle_(std::move(when_idle)) {}

void Arrivals::load_from(FolderWatch& watch) {
    while (!feeding_.is_done()) {
        const auto limit = watch.size() > 0 ? std::nullopt : loader_.rest();
        const std::optional<std::string> path = watch.next(limit);
        feeding_.answer_signals();
        if (path) {
            load_one(*path);
        } else {
            when_idle_();
        }
    }
}

void Arrivals::load_one(const std::string& path) {
    const std::optional<Condition> before = condition_of(path);
    // Whoever puts files into a directory may take them away.
    if (!before) return;
    const Feeding::Outcome outcome = feeding_.read(path, fmt::format("'{}' ", path));
    const bool is_loaded = outcome == Feeding::Outcome::loaded || outcome == Feeding::Outcome::skipped;
    if (!is_loaded || done_directory_.empty()) return;
    loader_.flush();
    // What was written since, or is about to be, is not stored: it is read when its writer has closed it.
    const WritersKeptOut kept_out(path);
    if (kept_out.is_written() || condition_of(path) != before) return;
    move_away(path);
}

void Arrivals::move_away(const std::string& path) {
    const std::string name = std::filesystem::path(path).filename().string();
    const std::string wanted = (std::filesystem::path(done_directory_) / name).string();
    for (int number = 0; number < most_of_a_name; ++number) {
        const std::string to = number == 0 ? wanted : fmt::format("{}.{}", wanted, number);
        if (::renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return;
        if (errno == EEXIST) continue;
        if (errno != ENOENT)
            log_.error(fmt::format("'{}' is loaded, but cannot be moved to '{}': {}", path, done_directory_,
                                   errno_text(errno)));
        return;
    }
    log_.error(fmt::format("'{}' is loaded, but cannot be moved to '{}': it holds too many of that name",
                           path, done_directory_));
}

}  // namespace hepcap::load
