// Lines out of a file descriptor, through one buffer that slides: what lies before the line handed
// out last is given up at the next read, so memory stays at the buffer's size whatever the input's.
// The buffer starts at 1 MiB and grows only for a line that does not fit, up to the longest line
// allowed; a longer one is skipped to its end and reported, never kept.
//
// mmap is not used: records mostly come through a pipe, and the pages of a mapped file would count
// as memory of the process.  At least `slack` octets behind every line are readable, because the
// JSON parser loads whole vectors.
//
// When no input is ready, `before_wait` is asked first: the place where a loader commits what it
// holds.  It answers how many milliseconds to wait at most before it is asked again, or `stop`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hepcap::record {

class LineReader {
public:
    // Reads at most `size` octets to `to`; 0 is the end of the input.
    using Read = std::function<std::size_t(char* to, std::size_t size)>;

    // How long to wait for input: milliseconds, `forever`, or `stop` to end as if the input had ended.
    using BeforeWait = std::function<int()>;
    static constexpr int forever = -1;
    static constexpr int stop = -2;

    static constexpr std::size_t slack = 64;
    static constexpr std::size_t first_buffer = std::size_t{1} << 20;

    // A payload of 64 KiB, every octet escaped to six, given as `msg` and again in `headers` and in
    // the single keys, makes 1.2 MiB: four is three times the longest honest line.
    static constexpr std::size_t longest_line = std::size_t{4} << 20;

    // Reads from `fd`, which stays the caller's to close.  `name` is for the messages.
    LineReader(int fd, std::string name, BeforeWait before_wait = {}, std::size_t max_line = longest_line);

    // Reads through a function, for input that is no file.
    explicit LineReader(Read read, std::size_t max_line = longest_line);

    enum class Outcome : std::uint8_t { line, too_long, end };

    // The next line, without its line feed; valid until the next call.  For `too_long` the line is
    // empty.  Throws Error where the input cannot be read.
    Outcome next(std::string_view& line);

    // Number of the line handed out last, from 1.
    std::uint64_t line_number() const { return line_number_; }

    // The octets that the input began with, four where it had as many.
    std::string_view beginning() const { return {beginning_.data(), beginning_size_}; }

private:
    bool fill();
    std::size_t read_descriptor(char* to, std::size_t size);
    bool wait_for_input();

    Read read_;
    int fd_ = -1;
    bool can_block_ = false;
    std::string name_;
    BeforeWait before_wait_;
    std::size_t max_line_;
    std::size_t capacity_ = 0;
    std::unique_ptr<char[]> buffer_;
    std::size_t begin_ = 0;    // of what was not yet handed out
    std::size_t end_ = 0;      // of what was read
    std::size_t scanned_ = 0;  // no line feed lies between begin_ and here
    bool at_end_ = false;
    bool skipping_ = false;  // within a line that is too long
    std::uint64_t line_number_ = 0;
    std::array<char, 4> beginning_{};
    std::size_t beginning_size_ = 0;
};

}  // namespace hepcap::record
