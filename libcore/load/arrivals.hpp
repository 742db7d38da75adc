// The work of --watch: files are loaded as they come into a directory, until a signal ends it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "load/feeding.hpp"
#include "load/folder_watch.hpp"
#include "load/loader.hpp"

namespace hepcap::load {

// Throws Error where `directory`, which files that are loaded are to be moved to, is none, or is on another
// file system than one of `watched`, or one of them itself.
void check_done_directory(const std::string& directory, const std::vector<std::string>& watched);

class Arrivals {
public:
    // Files that are loaded, or were before, are moved to `done_directory` once that is committed, unless
    // they have changed meanwhile or are still being written; empty: they stay.  `when_idle` is called when
    // nothing came for a while.  All must outlive the object.
    Arrivals(Feeding& feeding, Loader& loader, Log& log, std::string done_directory,
             std::function<void()> when_idle);

    // Ends when feeding.is_done().  Throws Error where the database fails or a directory goes away.
    void load_from(FolderWatch& watch);

private:
    void load_one(const std::string& path);
    void move_away(const std::string& path);

    Feeding& feeding_;
    Loader& loader_;
    Log& log_;
    std::string done_directory_;
    std::function<void()> when_idle_;
};

}  // namespace hepcap::load
