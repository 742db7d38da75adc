#include "control/close_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/error.hpp"

extern char** environ;

namespace hepcap::control {

namespace {

constexpr std::size_t longest_name = 4096;  // PATH_MAX

std::vector<std::string> words_of(const std::string& command) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while ((at = command.find_first_not_of(" \t", at)) != std::string::npos) {
        const std::size_t end = command.find_first_of(" \t", at);
        words.push_back(command.substr(at, end - at));
        at = end;
        if (end == std::string::npos) break;
    }
    return words;
}

// Runs the program and says how it ended; 0 is well.
bool run_program(const std::vector<std::string>& words, const std::string& name, Log& log) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(const_cast<char*>(name.c_str()));
    arguments.push_back(nullptr);

    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE, SIGXFSZ})
        sigaddset(&defaults, number);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    pid_t pid = -1;
    const int error = ::posix_spawnp(&pid, arguments[0], &files, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        log.error(fmt::format("cannot run '{}' for '{}': {}", words[0], name, errno_text(error)));
        return false;
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    log.error(WIFEXITED(status)
                  ? fmt::format("'{}' for '{}' ended with status {}", words[0], name, WEXITSTATUS(status))
                  : fmt::format("'{}' for '{}' was ended by signal {}", words[0], name, WTERMSIG(status)));
    return false;
}

[[noreturn]] void serve(int socket, const std::vector<std::string>& words, Log& log) {
    // What ends the tool does not end the work on its last file: a Ctrl-C goes to a whole group.
    ::setpgid(0, 0);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) ::signal(number, SIG_IGN);
    bool is_well = true;
    std::array<char, longest_name> name;
    for (;;) {
        const ssize_t size = ::recv(socket, name.data(), name.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) break;
        is_well &= run_program(words, std::string(name.data(), static_cast<std::size_t>(size)), log);
    }
    // Not exit(): what the tool has in its buffers is the tool's to write.
    ::_exit(is_well ? 0 : 1);
}

}  // namespace

CloseCommand::CloseCommand(const std::string& command, Log& log) : command_(command), log_(log) {
    const std::vector<std::string> words = words_of(command);
    if (words.empty()) throw Error("--on-close names no program", ExitCode::usage);
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw Error("cannot make a process for --on-close: " + errno_text(errno));
    }
    child_ = ::fork();
    if (child_ == 0) {
        ::close(ends[0]);
        serve(ends[1], words, log);
    }
    ::close(ends[1]);
    socket_ = ends[0];
    if (child_ < 0) {
        ::close(socket_);
        throw Error("cannot make a process for --on-close: " + errno_text(errno));
    }
}

CloseCommand::~CloseCommand() {
    if (socket_ >= 0) ::close(socket_);
}

void CloseCommand::run(const std::string& name) {
    // Without waiting: a slow program must not hold up the capture.  There is room for hundreds.
    ssize_t sent = -1;
    do {
        sent = ::send(socket_, name.data(), name.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) return;
    is_complete_ = false;
    log_.error(fmt::format("'{}' is not run for '{}': {}", command_, name,
                           errno == EAGAIN ? "too many files wait for it already" : errno_text(errno)));
}

bool CloseCommand::finish() {
    ::close(std::exchange(socket_, -1));
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    return is_complete_ && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace hepcap::control
