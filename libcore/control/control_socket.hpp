// The control socket: a Unix stream socket that its owner alone may connect to, JSON-RPC in both
// directions, an answer a line in the order of the requests.
//
// Everything a client can hold is bounded: clients by number (the one idle for longest makes room),
// requests by length, answers by reading no more requests while some wait to be taken, and both by time.
#pragma once

#include <functional>
#include <list>
#include <string>
#include <string_view>

#include "base/file_descriptor.hpp"
#include "control/json_framer.hpp"
#include "control/traffic.hpp"
#include "control/waiting.hpp"

namespace hepcap::control {

// Throws Error (usage) for what can be no path of a socket.
void check_control_path(const std::string& path);

class ControlSocket {
public:
    // A line that answers a text, without its end; empty for no answer.
    using Answer = std::function<std::string(std::string_view)>;

    static constexpr std::size_t max_clients = 16;

    // Binds and listens.  A socket that a dead process left behind is replaced; throws Error where a
    // live one answers, and where the path is something else.
    ControlSocket(std::string path, Answer answer, Traffic& traffic);
    // Removes the socket, if the path still leads to it.
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

    void prepare(Waiting& waiting) const;
    void serve(const Waiting& waiting);

private:
    struct Client {
        FileDescriptor socket;
        JsonFramer requests{max_request};
        std::string answers;        // those not taken yet
        Clock::time_point since{};  // when something last moved
        bool is_ending = false;     // no more requests: the answers, then the end
        bool is_paused = false;     // whole requests wait until answers are taken
    };

    void accept_clients();
    // Both return whether the client stays.
    bool serve_client(Client& client, short events);
    bool read_requests(Client& client);
    void answer_requests(Client& client);
    bool write_answers(Client& client);

    std::string path_;
    Answer answer_;
    Traffic& traffic_;
    FileDescriptor listener_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
    std::list<Client> clients_;
    Clock::time_point deaf_until_{};  // after accept() failed for want of descriptors
};

// Connects to the control socket at `path`; no descriptor where that fails, and errno says why.
FileDescriptor connect_control(const std::string& path);

}  // namespace hepcap::control
