#include "sink/spool.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/error.hpp"
#include "base/sync_directory.hpp"
#include "base/timestamp.hpp"

namespace hepcap::sink {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "spool-";
constexpr std::string_view suffix = ".ndjson";
// A file that was read is removed as a whole: smaller ones free the disk sooner.
constexpr std::uint64_t most_of_a_file = std::uint64_t{64} << 20;

Error refusal(const std::string& path, int cause) {
    return Error(
        fmt::format("cannot write to the spool '{}': {}; free the disk, or name another directory", path,
                    errno_text(cause)),
        cause == ENOSPC || cause == EDQUOT || cause == EIO ? ExitCode::temporary : ExitCode::data_error);
}

bool is_spool_file(std::string_view name) { return name.starts_with(prefix) && name.ends_with(suffix); }

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// A process that died while it wrote leaves half a line, which was never said to be spooled.
std::uint64_t cut_torn_end(const std::string& path) {
    const FileDescriptor fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) return 0;  // whoever reads the file says what is wrong
    off_t end = ::lseek(fd.get(), 0, SEEK_END);
    char last = '\n';
    while (end > 0 && ::pread(fd.get(), &last, 1, end - 1) == 1 && last != '\n') --end;
    if (::ftruncate(fd.get(), end) != 0) end = 0;
    return static_cast<std::uint64_t>(end);
}

}  // namespace

Spool::Spool(std::string directory, std::uint64_t limit, std::string_view purpose)
    : directory_(std::move(directory)), limit_(limit) {
    if (::mkdir(directory_.c_str(), 0700) < 0 && errno != EEXIST) throw refusal(directory_, errno);
    const std::string lock = directory_ + "/.lock";
    lock_.reset(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock_) throw refusal(directory_, errno);
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) < 0) {
        throw Error(fmt::format("the spool '{}' is in use by another load; wait for its end, or name another "
                                "directory",
                                directory_),
                    ExitCode::temporary);
    }
    for (const std::string& path : waiting()) occupied_ += cut_torn_end(path);
    take_purpose(purpose, occupied_ > 0);
}

// A directory without a purpose, which somebody has filled by hand, takes any.
void Spool::take_purpose(std::string_view purpose, bool has_records) const {
    if (purpose.empty()) return;
    const std::string path = directory_ + "/.purpose";
    std::string found;
    std::getline(std::ifstream(path), found);
    if (found == purpose) return;
    if (has_records && !found.empty()) {
        throw Error(fmt::format("the spool '{}' holds records for {}, and this load is for {}; let them be "
                                "loaded there first, or name another directory",
                                directory_, found, purpose),
                    ExitCode::usage);
    }
    const FileDescriptor fd(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd || !write_all(fd.get(), std::string(purpose) + "\n") || ::fsync(fd.get()) < 0)
        throw refusal(directory_, errno);
}

Spool::~Spool() { close_file(); }

bool Spool::append(std::string_view lines) {
    const std::lock_guard lock(mutex_);
    if (lines.empty()) return true;
    if (occupied_ + lines.size() > limit_) return false;
    if (file_ && size_ >= most_of_a_file) close_file();
    if (!file_) open_file();
    if (!write_all(file_.get(), lines) || ::fsync(file_.get()) < 0) {
        const int cause = errno;
        // Half a line would be read as a record that is none.
        if (::ftruncate(file_.get(), static_cast<off_t>(size_)) == 0) ::fsync(file_.get());
        throw refusal(directory_, cause);
    }
    size_ += lines.size();
    occupied_ += lines.size();
    return true;
}

void Spool::open_file() {
    // By time, then by number: the order of the names is that of the records.
    name_ = fmt::format("{}/{}{:020}-{:06}{}", directory_, prefix, Timestamp::now().ns, next_++, suffix);
    file_.reset(::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file_) throw refusal(directory_, errno);
    size_ = 0;
    sync_directory_of(name_);
}

void Spool::close_file() {
    if (!file_) return;
    file_.reset();
    if (size_ == 0) ::unlink(name_.c_str());
}

std::vector<std::string> Spool::waiting() {
    const std::lock_guard lock(mutex_);
    close_file();
    std::vector<std::string> files;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory_, error)) {
        if (is_spool_file(entry.path().filename().string())) files.push_back(entry.path().string());
    }
    if (error) {
        throw Error(
            fmt::format("cannot read the spool '{}': {}; make it readable", directory_, error.message()));
    }
    std::ranges::sort(files);
    return files;
}

void Spool::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (!error) occupied_ -= std::min<std::uint64_t>(size, occupied_);
    if (::unlink(path.c_str()) < 0 && errno != ENOENT) {
        throw Error(fmt::format("cannot remove '{}', whose records are stored: {}; remove it", path,
                                errno_text(errno)));
    }
    sync_directory_of(path);
}

}  // namespace hepcap::sink
