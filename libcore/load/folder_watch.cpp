#include "load/folder_watch.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/error.hpp"

namespace hepcap::load {
namespace {

constexpr std::uint32_t arrivals = IN_CLOSE_WRITE | IN_MOVED_TO;
constexpr std::uint32_t departures = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;

// A signal that came just before the wait is answered no later than this.
constexpr std::chrono::milliseconds longest_wait{200};

[[noreturn]] void refuse(const std::string& path, const std::string& cause) {
    throw Error(fmt::format("cannot watch '{}': {}; it must be a directory that you may read", path, cause));
}

}  // namespace

bool is_finished_name(std::string_view name) {
    return !name.empty() && !name.starts_with('.') && !name.ends_with(".part");
}

FolderWatch::FolderWatch(std::vector<std::string> directories)
    : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (!fd_) {
        throw Error(
            fmt::format("cannot watch directories: {}; fs.inotify.max_user_instances may be too small",
                        errno_text(errno)),
            ExitCode::temporary);
    }
    for (std::string& path : directories) {
        const int watch = ::inotify_add_watch(fd_.get(), path.c_str(), arrivals | departures | IN_ONLYDIR);
        if (watch < 0) refuse(path, errno_text(errno));
        folders_.push_back({std::move(path), watch});
        read_folder(folders_.back().path);
    }
}

std::optional<std::string> FolderWatch::next(std::optional<std::chrono::milliseconds> limit) {
    if (waiting_.empty()) {
        const auto wait = std::min(limit.value_or(longest_wait), longest_wait);
        pollfd ready{fd_.get(), POLLIN, 0};
        if (::poll(&ready, 1, static_cast<int>(wait.count())) > 0) read_events();
    }
    if (waiting_.empty()) return std::nullopt;
    std::string path = std::move(waiting_.front());
    waiting_.pop_front();
    return path;
}

void FolderWatch::read_folder(const std::string& path) {
    std::error_code failed;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator entry(path, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        names.push_back(entry->path().filename().string());
    }
    if (failed) refuse(path, failed.message());
    // Names mostly tell the time.
    std::ranges::sort(names);
    for (const std::string& name : names) {
        if (is_finished_name(name)) add((std::filesystem::path(path) / name).string());
    }
}

void FolderWatch::read_events() {
    alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got < 0) return;  // a signal, or nothing after all
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(got);) {
        inotify_event event{};
        std::memcpy(&event, buffer.data() + at, sizeof event);
        const char* const name = buffer.data() + at + sizeof event;
        at += sizeof event + event.len;
        if ((event.mask & IN_Q_OVERFLOW) != 0) {
            for (const Folder& folder : folders_) read_folder(folder.path);
            continue;
        }
        const auto folder = std::ranges::find(folders_, event.wd, &Folder::watch);
        if (folder == folders_.end()) continue;
        if ((event.mask & departures) != 0)
            throw Error(
                fmt::format("the directory '{}' that is watched was removed or renamed; make it again "
                            "and start anew",
                            folder->path));
        const std::string_view text = event.len > 0 ? std::string_view(name) : std::string_view();
        if (is_finished_name(text)) add((std::filesystem::path(folder->path) / text).string());
    }
}

void FolderWatch::add(std::string path) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed)) return;
    // A file that was closed twice is read once, as long as it waits.  Only the last few are compared: more
    // would cost more than the ledger does.
    constexpr std::size_t few = 64;
    const std::size_t first = waiting_.size() - std::min(waiting_.size(), few);
    const auto begin = waiting_.begin() + static_cast<std::ptrdiff_t>(first);
    if (std::find(begin, waiting_.end(), path) == waiting_.end()) waiting_.push_back(std::move(path));
}

}  // namespace hepcap::load
