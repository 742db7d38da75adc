// Files that come into a directory (inotify(7)): those that are there, and those that are closed after
// writing or renamed into it later.  Names that begin with a dot or end in .part are still being written, by
// the custom of hepcap and many others, and are not looked at; nor is what is no regular file.
//
// Where so many files come at once that the kernel loses count, the directory is read anew; so a name may
// be given more than once, and its file may be gone by then.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.hpp"

namespace hepcap::load {

class FolderWatch {
public:
    // Begins to watch, then reads the directories, so that no file is missed.  Throws Error where one is no
    // directory, or cannot be read or watched.
    explicit FolderWatch(std::vector<std::string> directories);

    // The path of the next file.  Waits for one no longer than `limit`, or a fifth of a second: nothing means
    // that none came.  Throws Error where a directory went away.
    std::optional<std::string> next(std::optional<std::chrono::milliseconds> limit);

    // How many wait.
    std::size_t size() const { return waiting_.size(); }

private:
    struct Folder {
        std::string path;
        int watch = -1;
    };

    void read_folder(const std::string& path);
    void read_events();
    void add(std::string path);

    FileDescriptor fd_;
    std::vector<Folder> folders_;
    std::deque<std::string> waiting_;
};

// Whether a file of that name is one to look at.
bool is_finished_name(std::string_view name);

}  // namespace hepcap::load
