// The control thread of a running tool: it answers on the control socket, the FIFOs and the metrics
// page, and writes the metrics file, while the tool does its work undisturbed.
//
//   control::Server server(options, {"hepcap-listen", version}, capture, counters, log);
//   … drop privileges …
//   server.start();
//
// The constructor makes sockets and FIFOs, so that those in directories of root's can be made, and a name
// that is taken is said before any work; start() starts the thread, in which all signals are blocked.
// Without any option there is no thread.  The destructor stops it, writes the metrics file a last time,
// and removes what was made.  Everything the thread holds for others is bounded.
#pragma once

#include <memory>
#include <string>

#include "base/log.hpp"
#include "control/capture_switch.hpp"
#include "control/counters.hpp"
#include "control/methods.hpp"

namespace hepcap::control {

// As on the command line; empty means that it is not wanted.
struct ServerOptions {
    std::string control;                   // path of the JSON-RPC socket
    std::string rpc_fifo;                  // path of the FIFO `kamctl` writes to
    std::string mi_fifo;                   // path of the FIFO of the old MI
    std::string reply_directory = "/tmp";  // where the reply FIFOs of both are; kamctl knows no other
    std::string metrics;                   // HOST:PORT of the page
    std::string metrics_file;
    std::uint64_t metrics_interval = 15;  // seconds between two writings of the file
};

// Throws Error (usage) for values that no server could be made of; opens and makes nothing.
void check(const ServerOptions& options);

class Server {
public:
    // The capture switch, the counters and the log must outlive it; the log is spoken to by the thread.
    // Throws Error.
    Server(const ServerOptions& options, const Identity& identity, CaptureSwitch& capture, Counters& counters,
           Log& log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start();

    // The port of the metrics page, for those who asked for 0; 0 without one.
    std::uint16_t metrics_port() const;

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace hepcap::control
