// A buffered way out: bytes are put together in memory and written in large pieces.
//
// The buffer is flushed when it is full, when flush() says so, and by close(), which alone can report
// that a disk was full; the destructor writes nothing.  Tools flush before they wait for input, so
// that a record is never held back.  A pipe is widened to 1 MiB: with the default of 64 KiB two tools
// spend half of their time waking each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hepcap {

class Output {
public:
    using WriteFunction = std::function<void(std::string_view octets)>;

    // Octets that may be written beyond what was reserved: vector stores need not stop at the end.
    static constexpr std::size_t slack = 64;

    // Writes to an open descriptor that somebody else closes; `name` is for messages ("standard output").
    Output(int fd, std::string name);
    // Creates or truncates the file `path`; throws Error.
    explicit Output(const std::string& path);
    // Hands what is flushed to `write`, which takes all of it or throws.
    explicit Output(WriteFunction write);
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    // Room for `size` octets (and the slack) at the end of the buffer.  Valid until the next call.
    char* reserve(std::size_t size) {
        if (capacity_ - used_ < size + slack) make_room(size);
        return buffer_.get() + used_;
    }
    // What was put into the reserved room ends at `end`.
    void commit(const char* end) { used_ = static_cast<std::size_t>(end - buffer_.get()); }

    void append(std::string_view text);

    bool empty() const { return used_ == 0; }
    // Octets that wait to be written.
    std::size_t size() const { return used_; }

    // Writes all that is buffered; throws Error naming the output and the cause.
    void flush();
    // Of a flush() that has thrown: what was to be written, and how many octets of it were, where this
    // object writes to a descriptor.  Valid until more is put in.
    std::string_view refused() const { return refused_; }
    std::size_t accepted() const { return accepted_; }
    // flush(), then closes a file that this object opened.  To be called when all is well.
    void close();

private:
    void make_room(std::size_t size);

    void write_out(std::string_view octets);

    int fd_;
    bool owns_fd_;
    std::string name_;
    WriteFunction write_;  // in place of fd_, where not empty
    std::size_t capacity_;
    std::size_t used_ = 0;
    std::string_view refused_;
    std::size_t accepted_ = 0;
    std::unique_ptr<char[]> buffer_;
};

}  // namespace hepcap
