// Answers on their way into FIFOs that the asking processes made: `kamctl` makes one in /tmp, names it in
// its request and reads the answer from it.
//
// The name comes from whoever may write the request FIFO, and the directory belongs to everybody, so
// both are taken for hostile: a name with a slash, a backslash or a dot is refused; what is opened is
// opened without following a link and without waiting, and must be a FIFO with one name.  A reader that
// is not there yet is waited for, as one that reads slowly is, for a bounded time and beside all other
// work.
#pragma once

#include <list>
#include <string>

#include "base/file_descriptor.hpp"
#include "base/log.hpp"
#include "control/traffic.hpp"
#include "control/waiting.hpp"

namespace hepcap::control {

// Throws Error (usage) where it is no directory.
FileDescriptor open_reply_directory(const std::string& name);

class ReplyFifos {
public:
    static constexpr std::size_t max_waiting = 32;

    // Throws Error where `directory` is none.
    ReplyFifos(std::string directory, Traffic& traffic, Log& log);

    // Sends `answer` to the FIFO `name` of the directory, now or in the next seconds.
    void send(const std::string& name, std::string answer);

    void prepare(Waiting& waiting) const;
    void serve();

private:
    struct Reply {
        std::string name;
        std::string rest;
        Clock::time_point deadline;
        FileDescriptor fifo;
    };

    // Whether all that can be done for the reply is done.
    bool advance(Reply& reply);
    bool open(Reply& reply);
    // Warns, at most once a second: the counters have every case.
    void complain(const std::string& sentence);

    std::string directory_name_;
    FileDescriptor directory_;
    Traffic& traffic_;
    Log& log_;
    std::list<Reply> replies_;
    Clock::time_point silent_until_{};
};

}  // namespace hepcap::control
