#include "load/input_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace hepcap::load {

struct InputFile::Hash {
    Hash() : state(XXH3_createState(), XXH3_freeState) { XXH3_64bits_reset(state.get()); }

    void add(const char* octets, std::size_t count) {
        XXH3_64bits_update(state.get(), octets, count);
        size += count;
    }
    std::string text() const { return fmt::format("xxh3:{:016x}-{}", XXH3_64bits_digest(state.get()), size); }

    std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state;
    std::uint64_t size = 0;
};

InputFile::InputFile(const std::string& name)
    : shown_(name == "-" ? std::string(standard_input) : name),
      own_(name == "-" ? FileDescriptor::none : ::open(name.c_str(), O_RDONLY | O_CLOEXEC)),
      fd_(name == "-" ? STDIN_FILENO : own_.get()) {
    if (fd_ < 0) throw Error(fmt::format("cannot open '{}': {}", name, errno_text(errno)));
    struct stat status {};
    is_regular_ = own_ && ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
}

InputFile::~InputFile() = default;

std::size_t InputFile::read(char* to, std::size_t size) {
    while (true) {
        const ssize_t got = ::read(fd_, to, size);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) throw Error(fmt::format("cannot read '{}': {}", shown_, errno_text(errno)));
    }
}

std::string InputFile::identity() {
    Hash hash;
    std::vector<char> piece(std::size_t{256} * 1024);
    while (const std::size_t got = read(piece.data(), piece.size())) hash.add(piece.data(), got);
    if (::lseek(fd_, 0, SEEK_SET) != 0)
        throw Error(fmt::format("cannot read '{}' again: {}", shown_, errno_text(errno)));
    return hash.text();
}

record::LineReader InputFile::lines(record::LineReader::BeforeWait before_wait, bool identified) {
    if (!identified) return {fd_, shown_, std::move(before_wait)};
    hash_ = std::make_unique<Hash>();
    return record::LineReader([this](char* to, std::size_t size) {
        const std::size_t got = read(to, size);
        hash_->add(to, got);
        return got;
    });
}

std::string InputFile::identity_of_read() const { return hash_ ? hash_->text() : std::string(); }

}  // namespace hepcap::load
