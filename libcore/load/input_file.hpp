// An input that is a file, or standard input, or a pipe that has a name; and what a regular file is known
// by in the ledger of finished inputs.
//
// The identity is made of the content alone, "xxh3:HASH-SIZE": a file that was moved or copied is the same,
// one that has grown is another.  It is told twice: before, to look into the ledger, and of the octets that
// were read, which is what goes into the ledger; a file that grows meanwhile is not taken for done.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_descriptor.hpp"
#include "record/line_reader.hpp"

namespace hepcap::load {

// How sentences name what has no path.
inline constexpr std::string_view standard_input = "standard input";

class InputFile {
public:
    // `name` is a path, or - for standard input.  Throws Error where it cannot be opened.
    explicit InputFile(const std::string& name);
    ~InputFile();
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    // A file of the disk, which has an end and an identity; never standard input, whatever that is.
    bool is_regular() const { return is_regular_; }

    // How sentences name it.
    const std::string& shown() const { return shown_; }

    // Reads the whole of a regular file, and begins anew.  Throws Error.
    std::string identity();

    // The lines from here on.  With `identified` the octets are hashed as they are read; then
    // identity_of_read() is what came of them.
    record::LineReader lines(record::LineReader::BeforeWait before_wait, bool identified);
    std::string identity_of_read() const;

private:
    struct Hash;

    std::size_t read(char* to, std::size_t size);

    std::string shown_;
    FileDescriptor own_;
    int fd_;
    bool is_regular_ = false;
    std::unique_ptr<Hash> hash_;
};

}  // namespace hepcap::load
