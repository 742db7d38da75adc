// The system calls that are left to a tool at work.  The one place that sees libseccomp.
#include <seccomp.h>

#include <array>
#include <cerrno>
#include <memory>

#include "base/error.hpp"
#include "control/privileges.hpp"

namespace hepcap::control {

namespace {

constexpr std::array allowed{
    // Reading what comes and writing what goes out.
    "read",
    "readv",
    "pread64",
    "write",
    "writev",
    "pwrite64",
    "close",
    "lseek",
    "_llseek",
    "fcntl",
    "fcntl64",
    "recvfrom",
    "recvmsg",
    "recvmmsg",
    "recvmmsg_time64",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "ioctl",
    "getsockopt",
    "setsockopt",
    "getsockname",
    "getpeername",
    "shutdown",
    // Clients of the control socket; and those of a FIFO, whose answers go to files.
    "accept",
    "accept4",
    // Files: made, synced, renamed, and those that are too old removed.
    "open",
    "openat",
    "fstat",
    "fstat64",
    "stat",
    "stat64",
    "lstat",
    "lstat64",
    "newfstatat",
    "fstatat64",
    "statx",
    "access",
    "faccessat",
    "faccessat2",
    "fsync",
    "fdatasync",
    "ftruncate",
    "ftruncate64",
    "flock",
    "fallocate",
    "fadvise64",
    "fadvise64_64",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "getdents",
    "getdents64",
    "readlink",
    "readlinkat",
    "umask",
    "getcwd",
    "fchmod",
    "fchmodat",
    "chmod",
    "mknod",
    "mknodat",
    // Waiting.
    "poll",
    "ppoll",
    "ppoll_time64",
    "select",
    "_newselect",
    "pselect6",
    "pselect6_time64",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "eventfd2",
    "timerfd_create",
    "timerfd_settime",
    "timerfd_gettime",
    "pipe2",
    "dup",
    "dup2",
    "dup3",
    "nanosleep",
    "clock_nanosleep",
    "clock_nanosleep_time64",
    // Memory, clocks, threads, signals, the end.
    "mmap",
    "mmap2",
    "munmap",
    "mprotect",
    "mremap",
    "madvise",
    "brk",
    "futex",
    "futex_time64",
    "futex_waitv",
    "clock_gettime",
    "clock_gettime64",
    "clock_getres",
    "clock_getres_time64",
    "gettimeofday",
    "time",
    "times",
    "getrusage",
    "sysinfo",
    "uname",
    "getpid",
    "gettid",
    "getppid",
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "getrandom",
    "sched_yield",
    "sched_getaffinity",
    "set_robust_list",
    "rseq",
    "membarrier",
    "prlimit64",
    "getrlimit",
    "ugetrlimit",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigtimedwait",
    "rt_sigtimedwait_time64",
    "sigreturn",
    "sigaltstack",
    "restart_syscall",
    "tgkill",
    "wait4",
    "waitid",
    "exit",
    "exit_group",
};

struct Release {
    void operator()(void* filter) const { seccomp_release(filter); }
};

}  // namespace

bool enter_sandbox() {
    const std::unique_ptr<void, Release> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
    if (!filter) throw Error("cannot make a seccomp filter: out of memory", ExitCode::temporary);
    // All threads get it, and it is the only thing that is set: no_new_privs is set already.
    seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
    for (const char* const name : allowed) {
        const int number = seccomp_syscall_resolve_name(name);
        // Not every processor has all of them; what this one has not is refused.
        if (number != __NR_SCMP_ERROR) seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, number, 0);
    }
    const int status = seccomp_load(filter.get());
    if (status == 0) return true;
    // EPERM and EACCES: a stricter filter holds already, that of a container or of a service.
    for (const int absent : {EINVAL, ENOSYS, ECANCELED, EPERM, EACCES}) {
        if (status == -absent) return false;
    }
    throw Error("cannot set the seccomp filter: " + errno_text(-status));
}

}  // namespace hepcap::control
