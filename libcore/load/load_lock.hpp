// One load a database at a time: a lock (flock(2)) on a file that is named after the database, held until
// the process ends, however it ends.
//
// The file of an SQLite database lies beside it, with ".lock" behind its name, so that all users share it.
// For any other database it lies in /run/lock, or /tmp where that may not be written; its name has the
// user's number and a hash of the URL without its password.  $XDG_RUNTIME_DIR is not asked: a job of cron
// has none, and would hold another lock than its user's shell.  In directories that everybody may write to
// a link or a file of somebody else's is refused.  The file stays when the load ends: who removed it could
// not know that nobody waits for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file_descriptor.hpp"

namespace hepcap::load {

class LoadLock {
public:
    enum class Outcome : std::uint8_t { held, busy, stopped };

    // Makes and opens the file for the database at `url`; a database in memory, and null:, have none.
    // Throws Error where it cannot be made.
    explicit LoadLock(std::string_view url);

    // Takes the lock.  Where another process has it: busy, or with `wait` once that has ended; stopped, when
    // a signal came meanwhile.
    Outcome take(bool wait);

    // Empty: there is none.
    const std::string& path() const { return path_; }

private:
    std::string path_;
    FileDescriptor fd_;
};

}  // namespace hepcap::load
