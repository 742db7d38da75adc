// Options of a socket whose refusal needs no word: the socket works without, or what follows fails and says
// why.
#pragma once

#include <sys/socket.h>

namespace hepcap::net {

inline void set_option(int fd, int level, int name, int value) {
    (void)::setsockopt(fd, level, name, &value, sizeof value);
}

}  // namespace hepcap::net
