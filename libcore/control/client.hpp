// The asking side of the control socket: one line out, one line back.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/file_descriptor.hpp"

namespace hepcap::control {

class ControlClient {
public:
    // Connects to the socket that a tool made with --control PATH, and waits no longer than `patience` where
    // others stand before it; throws Error.
    ControlClient(std::string path, std::chrono::milliseconds patience);

    // Sends `request` and returns the line that answers it.  Throws Error: temporary where none came in
    // time.
    std::string ask(std::string_view request);

private:
    void wait_for(short event, std::chrono::steady_clock::time_point deadline) const;

    std::string path_;
    std::chrono::milliseconds patience_;
    FileDescriptor socket_;
};

}  // namespace hepcap::control
