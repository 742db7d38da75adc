// A program that is run for each file that was finished (--on-close), one after the other.
//
// A process of its own runs them: it is made before the tool gives up the right to execute anything, and
// waits for names.  No shell sees a name.  The program reads nothing, and what it prints goes to stderr.
#pragma once

#include <sys/types.h>
#include <string>

#include "base/log.hpp"

namespace hepcap::control {

class CloseCommand {
public:
    // `command` is words with blanks between them, the program first; the name of the file is one more
    // word at their end.  Forks: to be called while the process has one thread.  The log is used in the
    // other process, too.
    CloseCommand(const std::string& command, Log& log);
    ~CloseCommand();
    CloseCommand(const CloseCommand&) = delete;
    CloseCommand& operator=(const CloseCommand&) = delete;

    // Asks for a run; does not wait for it.
    void run(const std::string& name);

    // Waits until all that were asked for are done; false where one did not end with status 0, which
    // was said then.
    bool finish();

private:
    std::string command_;
    Log& log_;
    int socket_ = -1;
    pid_t child_ = -1;
    bool is_complete_ = true;
};

}  // namespace hepcap::control
