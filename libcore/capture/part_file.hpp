// A file that is not there until it is whole: written as NAME.part, then flushed to the disk and
// renamed.  Whoever looks for NAME never sees half of it, and what a crash leaves is told by its name.
//
// What is handed to write() is packets, whole: where the disk is full, the file is cut back to the last
// packet that is in it (of a compressed file, to the last frame), so that what there is stays readable.  A
// name that ends in .zst is compressed.  A name of something that is no regular file, a FIFO for instance, is
// written to as it is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hepcap::capture {

class ZstdFrames;

class PartFile {
public:
    // How many of the first `accepted` octets of a piece are worth keeping, where the rest of it could
    // not be written.  Not asked for a compressed file.
    using Keep = std::function<std::size_t(std::string_view piece, std::size_t accepted)>;

    // Makes NAME.part, directories in front of it included.  One that another process is writing is an
    // Error, one that nobody writes is what a crash left: see rescued().
    explicit PartFile(std::string name, Keep keep = {});
    // Closes what close() did not; the name then still ends in .part.
    ~PartFile();
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    // Throws Error where not all of it could be written; what was in the file before is then whole.
    void write(std::string_view octets);

    // All that was written is in the file, for whoever reads it now or after a crash of this process.
    void flush();

    // Ends, syncs and renames to `name`, which is overwritten where it exists.  Throws Error.
    void close(const std::string& name);

    // Whether all that was written would survive a failure to write more.
    bool is_whole() const;

    const std::string& name() const { return name_; }
    bool is_regular() const { return is_regular_; }
    // Where a file left by a crash was moved to; empty where there was none.
    const std::string& rescued() const { return rescued_; }

private:
    void open();
    void take_over_old_part();
    void write_all(std::string_view piece);
    void keep_boundary();
    [[noreturn]] void fail_writing(int cause, std::string_view piece, std::size_t accepted);

    std::string name_;
    std::string part_name_;
    std::string rescued_;
    int fd_ = -1;
    bool is_regular_ = true;
    std::uint64_t written_ = 0;   // octets in the file
    std::uint64_t boundary_ = 0;  // of them, those that are whole without what follows
    Keep keep_;
    std::unique_ptr<ZstdFrames> zstd_;
};

// Whether there is a file of that name, finished or not.
bool is_taken(const std::string& name);

}  // namespace hepcap::capture
