#include "control/reply_fifos.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include "base/error.hpp"
#include "base/excerpt.hpp"

namespace hepcap::control {

namespace {

constexpr std::chrono::seconds patience{3};
// How often a FIFO without a reader is tried; opening one is a few microseconds.
constexpr std::chrono::milliseconds interval{20};

bool is_plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 255 &&
           name.find_first_of(std::string_view("./\\\0", 4)) == std::string_view::npos;
}

}  // namespace

FileDescriptor open_reply_directory(const std::string& name) {
    FileDescriptor directory(::open(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (directory) return directory;
    throw Error(
        fmt::format("cannot open the directory of the reply FIFOs, '{}': {}", name, errno_text(errno)),
        ExitCode::usage);
}

ReplyFifos::ReplyFifos(std::string directory, Traffic& traffic, Log& log)
    : directory_name_(std::move(directory)),
      directory_(open_reply_directory(directory_name_)),
      traffic_(traffic),
      log_(log) {}

void ReplyFifos::send(const std::string& name, std::string answer) {
    if (!is_plain_name(name)) {
        traffic_.reply_name.add();
        complain(fmt::format("a request names the reply FIFO {}, which is no name of a file in '{}'",
                             excerpt(name), directory_name_));
        return;
    }
    if (replies_.size() == max_waiting) {
        replies_.pop_front();
        traffic_.no_reader.add();
    }
    replies_.push_back({name, std::move(answer), Clock::now() + patience, {}});
    if (advance(replies_.back())) replies_.pop_back();
}

void ReplyFifos::prepare(Waiting& waiting) const {
    // A FIFO without a reader cannot be polled for one, and a slow reader need not be served at once.
    if (!replies_.empty()) waiting.until(Clock::now() + interval);
}

void ReplyFifos::serve() {
    for (auto reply = replies_.begin(); reply != replies_.end();) {
        reply = advance(*reply) ? replies_.erase(reply) : std::next(reply);
    }
}

void ReplyFifos::complain(const std::string& sentence) {
    if (Clock::now() < silent_until_) return;
    silent_until_ = Clock::now() + std::chrono::seconds(1);
    log_.warn(sentence);
}

bool ReplyFifos::open(Reply& reply) {
    reply.fifo.reset(
        ::openat(directory_.get(), reply.name.c_str(), O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    if (!reply.fifo) {
        if (errno == ENXIO || errno == EINTR) return true;  // nobody reads yet
        traffic_.reply_name.add();
        complain(fmt::format("cannot open the reply FIFO '{}' in '{}': {}", reply.name, directory_name_,
                             errno_text(errno)));
        return false;
    }
    struct stat opened {};
    if (::fstat(reply.fifo.get(), &opened) != 0 || !S_ISFIFO(opened.st_mode) || opened.st_nlink != 1) {
        traffic_.reply_name.add();
        complain(fmt::format("'{}' in '{}' is no FIFO of one name; nothing is written to it", reply.name,
                             directory_name_));
        return false;
    }
    return true;
}

bool ReplyFifos::advance(Reply& reply) {
    if (!reply.fifo && !open(reply)) return true;
    while (reply.fifo && !reply.rest.empty()) {
        const ssize_t put = ::write(reply.fifo.get(), reply.rest.data(), reply.rest.size());
        if (put < 0) {
            if (errno == EAGAIN || errno == EINTR) break;
            traffic_.no_reader.add();  // it went away
            return true;
        }
        reply.rest.erase(0, static_cast<std::size_t>(put));
    }
    if (reply.rest.empty()) return true;
    if (Clock::now() < reply.deadline) return false;
    traffic_.no_reader.add();
    complain(fmt::format("nobody reads the reply FIFO '{}' in '{}'", reply.name, directory_name_));
    return true;
}

}  // namespace hepcap::control
