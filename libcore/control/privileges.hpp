// Giving up what opening sockets took, before the first octet of a stranger is looked at.
//
// In this order: sockets and files that need privileges are opened, drop_privileges(), processes and
// threads are started, enter_sandbox().  All of it is for good: there is no way back.
#pragma once

#include <string>

namespace hepcap::control {

// Becomes `user` where one is named, with his groups alone; then gives up every capability, in all of
// the process's sets, and the right to gain any by executing something (no_new_privs).  Whoever was
// root and names no user stays the owner of root's files, and can no more than that.
// To be called while the process has one thread.  Throws Error: no such user (usage), or not permitted.
void drop_privileges(const std::string& user);

// Throws Error (usage) where there is no such user; changes nothing.  An empty name is no user to look for.
void check_user(const std::string& user);

// From here on the kernel refuses (EPERM) all system calls but those of a tool that captures and
// writes: no program is executed, no socket made, no process looked at, no right changed.  Holds for
// all threads, those that run already included.  False where there are no seccomp filters, or none may be
// set, as in some containers.
bool enter_sandbox();

}  // namespace hepcap::control
