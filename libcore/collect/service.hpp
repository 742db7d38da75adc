// The HEP collector as a whole: its sockets, a thread for each UDP worker and one for all connections, a
// thread that writes, and what they share.  Whoever runs it waits on done_fd() and stops it:
//
//   ListenService service(options, rules, capture, counters, manager, log);  // sockets are bound
//   … drop privileges …
//   service.start();
//   … wait for a signal, or for done_fd() to become readable …
//   service.stop();                                           // all that was received is written
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "collect/collector.hpp"
#include "net/service_manager.hpp"
#include "net/stream_server.hpp"
#include "net/udp_receiver.hpp"

namespace hepcap::collect {

struct ServiceOptions {
    std::vector<net::SocketAddress> listen;
    std::size_t workers = 1;
    std::size_t receive_buffer = 0;
    bool demands_receive_buffer = false;  // say it where the kernel gives less
    net::StreamLimits limits;
    OutputOptions output;  // its preamble is made from the rules
    std::uint64_t count = 0;
    std::optional<net::SocketAddress> forward;
    std::string rejects;
};

class ListenService {
public:
    // `tls` is needed where an address is TLS.  All references outlive the service.  Throws Error.
    ListenService(const ServiceOptions& options, const std::shared_ptr<const Rules>& rules,
                  std::optional<net::TlsContext> tls, const control::CaptureSwitch& capture,
                  control::Counters& counters, const net::ServiceManager& manager, Log& log);
    ~ListenService();

    // Where it listens, as it came out: "udp:0.0.0.0:9060, tcp:[::]:9061".
    std::string addresses() const;

    void start();

    // Readable once there is nothing more to do: -c has all it wants, or the output or a worker has ended.
    int done_fd() const { return done_.fd(); }
    // Whether all workers have shown life in the last seconds; asked at least that often.
    bool is_alive();

    // New keys and certificates, for the messages and connections to come; and the output anew.
    void set_rules(std::shared_ptr<const Rules> rules) { rules_.set(std::move(rules)); }
    void set_tls(net::TlsContext context) { tls_.set(std::move(context)); }
    void reopen_output() { queue_.reopen(); }

    // Takes what the kernel has received, writes all of it, and ends.  Throws Error where the output or
    // a worker failed.
    void stop();

    bool is_reader_gone() const { return queue_.is_reader_gone(); }
    const SharedTally& tally() const { return tally_; }
    std::string counters_text() const;
    // Puts a last record at the end, between stopping the workers and closing the output.
    void set_epilogue(std::function<std::string(const SharedTally&)> epilogue) {
        epilogue_ = std::move(epilogue);
    }

private:
    struct Worker;

    std::vector<net::BoundSocket> bind_all(const net::ServiceManager& manager, Log& log) const;
    void deal_out(std::vector<net::BoundSocket> sockets, Log& log);
    net::StreamLimits possible_limits(Log& log) const;
    std::optional<net::DatagramSocket> open_forward() const;
    void note_failure(const char* what);

    ServiceOptions options_;
    SharedTally tally_;
    RulesSlot rules_;
    net::TlsSlot tls_;
    net::StopSignal stop_;
    net::StopSignal done_;
    Notices notices_;
    OutputQueue queue_;
    Quota quota_;
    std::unique_ptr<Rejects> rejects_;
    Shared shared_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<std::string> addresses_;
    std::function<std::string(const SharedTally&)> epilogue_;
    std::mutex failure_mutex_;
    std::optional<std::string> failure_;
    bool is_stopped_ = false;
};

}  // namespace hepcap::collect
