// What the world refuses (a file, a pipe, a database) travels as one exception type with a sentence
// for the user, made where the name of the thing is known: the thing, the cause, the way out.
#pragma once

#include <stdexcept>
#include <string>

namespace hepcap {

// How a process may end; the contract of every tool, listed in every page.
enum class ExitCode : int {
    done = 0,
    data_error = 1,  // the data or the work was wrong; what could be read was still processed
    usage = 2,       // wrong usage or configuration
    no_match = 4,    // nothing matched, only with -e
    temporary = 75,  // try again: EX_TEMPFAIL of sysexits.h
};

class Error : public std::runtime_error {
public:
    explicit Error(const std::string& sentence, ExitCode code = ExitCode::data_error)
        : std::runtime_error(sentence), code_(code) {}

    ExitCode code() const { return code_; }

private:
    ExitCode code_;
};

// "No such file or directory" for ENOENT and so on; safe to call from any thread.
std::string errno_text(int number);

}  // namespace hepcap
