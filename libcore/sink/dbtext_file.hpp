// The file of one dbtext table: its rows read once, front to back, then rows appended.
//
// A commit appends and calls fsync(2).  A process that was killed in the middle of it leaves whole rows,
// which are known by their uid when they come again, and at the end maybe half a one: the next time the
// file is opened for writing that is cut off.  What an instance has written and not committed is taken back
// by its destructor.
//
// Others may have appended since (another hepcap-load, under the lock of the directory) or written the whole
// file anew (Kamailio does): refresh() reads what is new.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace hepcap::sink {

class DbtextFile {
public:
    // Called with a line, without its end, and its number from 1.
    using TakeLine = std::function<void(std::string_view line, std::uint64_t number)>;

    // Opens the file; where it is missing, makes it if `create` says so.  Throws Error.
    DbtextFile(std::string path, bool create);
    ~DbtextFile();
    DbtextFile(const DbtextFile&) = delete;
    DbtextFile& operator=(const DbtextFile&) = delete;

    enum class Change : std::uint8_t { none, grown, replaced, gone };

    // What others did to the file since it was read or committed.
    Change change() const;

    // Reads the lines that were not read yet, but for half a line at the end.  Throws Error.
    void read_on(const TakeLine& take);

    // Cuts off half a line at the end, which a process left that was killed.  Only for who has the lock of
    // the directory, behind read_on(): another may be writing that line.  Throws Error.
    void cut_torn_line();

    bool is_empty() const { return size_ == 0; }

    // Adds whole lines to the transaction.  Memory is bounded: what is more than a few MiB is written, though
    // not committed.  Throws Error.
    void append(std::string_view lines);
    void commit();

private:
    void write_out();
    [[noreturn]] void fail(const char* what, int cause) const;

    std::string path_;
    int fd_ = -1;
    std::uint64_t inode_ = 0;
    std::uint64_t device_ = 0;
    off_t size_ = 0;     // what is committed and read
    off_t written_ = 0;  // what is written
    std::uint64_t lines_ = 0;
    std::string pending_;
};

}  // namespace hepcap::sink
