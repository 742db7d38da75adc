#include "control/privileges.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <vector>

#include "base/error.hpp"

namespace hepcap::control {

namespace {

struct User {
    uid_t uid = 0;
    gid_t gid = 0;
};

User find_user(const std::string& name) {
    std::vector<char> text(16 * 1024);
    passwd entry{};
    passwd* found = nullptr;
    const int error = ::getpwnam_r(name.c_str(), &entry, text.data(), text.size(), &found);
    if (error != 0) throw Error("cannot look up the user '" + name + "': " + errno_text(error));
    if (!found) throw Error("there is no user '" + name + "'; -Z takes the name of one", ExitCode::usage);
    return {entry.pw_uid, entry.pw_gid};
}

void become(const std::string& name) {
    const User user = find_user(name);
    if (::geteuid() != 0) {
        if (::geteuid() == user.uid && ::getuid() == user.uid) return;
        throw Error("only root can become '" + name + "'; leave out -Z, or start it as root",
                    ExitCode::usage);
    }
    if (::initgroups(name.c_str(), user.gid) != 0 || ::setresgid(user.gid, user.gid, user.gid) != 0 ||
        ::setresuid(user.uid, user.uid, user.uid) != 0) {
        throw Error("cannot become '" + name + "': " + errno_text(errno));
    }
    if (user.uid != 0 && (::setuid(0) == 0 || ::geteuid() != user.uid)) {
        throw Error("became '" + name + "' and could still be root again: not going on");
    }
}

void clear_bounding_set() {
    // Permitted to those that have cap_setpcap only; for the others there is nothing in it to gain once
    // no_new_privs is set.
    for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
}

void clear_capabilities() {
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header{};
    header.version = _LINUX_CAPABILITY_VERSION_3;
    const std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    if (::syscall(SYS_capset, &header, none.data()) != 0) {
        throw Error("cannot give up the capabilities: " + errno_text(errno));
    }
}

}  // namespace

void check_user(const std::string& user) {
    if (!user.empty()) find_user(user);
}

void drop_privileges(const std::string& user) {
    clear_bounding_set();
    if (!user.empty()) become(user);
    clear_capabilities();
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        throw Error("cannot set no_new_privs: " + errno_text(errno));
    }
}

}  // namespace hepcap::control
