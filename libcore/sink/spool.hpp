// Where records wait that a database could not take: files of records, one a line as they came, in a
// directory of the user's.  Nothing counts as spooled before it is on the disk (fsync).  The files are as
// good as any input of hepcap-load; the next load that is given the directory reads them first.
//
// A directory is for one purpose as long as records wait in it: those of a load into one database do not
// come into another because both were given the same directory.
//
// One process uses a directory at a time; it holds a lock on it.  What lies there stays below a bound: a
// spool that is full takes nothing more, so that the oldest records are kept.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.hpp"

namespace hepcap::sink {

class Spool {
public:
    // Makes the directory, readable for its user alone, where it is not there.  `limit` in octets; `purpose`
    // is a line that says where the records are to go, empty where that does not matter.  Throws Error; with
    // ExitCode::temporary where another process has the directory, with ExitCode::usage where records wait in
    // it for another purpose.
    Spool(std::string directory, std::uint64_t limit, std::string_view purpose = {});
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    // Adds whole lines, and returns when they are on the disk.  False, and nothing has changed, where the
    // bound does not allow it.  Throws Error where the disk does not take them; what stands in the file
    // of a part of them is taken off again.
    bool append(std::string_view lines);

    // The files that wait, oldest first, as paths; what is appended from now on goes to a new one.
    std::vector<std::string> waiting();

    // Removes a file of waiting(): its records are stored, or spooled again.
    void remove(const std::string& path);

    const std::string& directory() const { return directory_; }

private:
    void take_purpose(std::string_view purpose, bool has_records) const;
    void open_file();
    void close_file();

    std::string directory_;
    std::uint64_t limit_;
    std::mutex mutex_;  // one thread appends, another reads the files and removes them
    FileDescriptor lock_;
    FileDescriptor file_;         // that is written
    std::string name_;            // of that file
    std::uint64_t size_ = 0;      // of that file
    std::uint64_t occupied_ = 0;  // by all files
    std::uint64_t next_ = 0;      // makes names unique within a second
};

}  // namespace hepcap::sink
