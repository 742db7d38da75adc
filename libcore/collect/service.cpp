#include "collect/service.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "base/error.hpp"
#include "base/signals_blocked.hpp"
#include "net/open_files.hpp"

namespace hepcap::collect {

namespace {

OutputOptions with_preamble(OutputOptions options, const Rules& rules) {
    options.preamble = preamble_for(rules);
    return options;
}

// What is open beside the sockets of -L and the connections: outputs, control socket and its clients,
// FIFOs, the metrics' page.
constexpr std::size_t other_files = 100;

bool is_v4_wildcard(const net::SocketAddress& address) { return address.host == "0.0.0.0"; }

}  // namespace

// A thread with its collector, and the one receiver that it runs.
struct ListenService::Worker {
    explicit Worker(const Shared& shared, std::optional<net::DatagramSocket> forward)
        : collector(shared, std::move(forward)) {}

    Collector collector;
    std::vector<net::BoundSocket> sockets;
    std::unique_ptr<net::UdpReceiver> datagrams;
    std::unique_ptr<net::StreamServer> streams;
    std::uint64_t signs_seen = 0;
    std::chrono::steady_clock::time_point last_sign = std::chrono::steady_clock::now();
    std::thread thread;
};

ListenService::ListenService(const ServiceOptions& options, const std::shared_ptr<const Rules>& rules,
                             std::optional<net::TlsContext> tls, const control::CaptureSwitch& capture,
                             control::Counters& counters, const net::ServiceManager& manager, Log& log)
    : options_(options),
      tally_(counters),
      rules_(rules),
      notices_(log),
      queue_(with_preamble(options.output, *rules), tally_, [this] { done_.raise(); }),
      quota_(options.count, [this] { done_.raise(); }),
      rejects_(options.rejects.empty() ? nullptr : std::make_unique<Rejects>(options.rejects, log)),
      shared_{capture, rules_, tally_, queue_, notices_, quota_, rejects_.get()} {
    if (tls) tls_.set(std::move(*tls));
    deal_out(bind_all(manager, log), log);
    counters.add_gauge("hepcap_queue_octets", "Octets that wait for the output",
                       [this] { return static_cast<double>(queue_.queued()); });
    counters.add_gauge("hepcap_connections", "Connections that are open", [this] {
        std::size_t sum = 0;
        for (const auto& worker : workers_) sum += worker->streams ? worker->streams->connections() : 0;
        return static_cast<double>(sum);
    });
}

ListenService::~ListenService() {
    try {
        stop();
    } catch (const Error&) {
        // Whoever wanted to know has called stop().
    }
}

std::vector<net::BoundSocket> ListenService::bind_all(const net::ServiceManager& manager, Log& log) const {
    net::BindOptions bind;
    bind.receive_buffer = options_.receive_buffer;
    bind.demands_receive_buffer = options_.demands_receive_buffer;
    bind.wants_local_address = rules_.get()->product == Product::hep_packets;
    std::vector<net::BoundSocket> handed_over =
        net::take_handed_over(manager.handed_over(), manager.names(), bind);
    std::vector<net::BoundSocket> sockets;
    for (const net::SocketAddress& address : options_.listen) {
        // The units and the configuration may both name an address.
        if (net::is_bound(address, handed_over)) continue;
        bind.copies = address.is_stream() ? 1 : options_.workers;
        // Both wildcards on one port can be had only if the IPv6 one does not take IPv4 as well.
        const bool has_v4_twin =
            std::any_of(options_.listen.begin(), options_.listen.end(), [&](const net::SocketAddress& other) {
                return is_v4_wildcard(other) && other.port == address.port &&
                       other.is_stream() == address.is_stream();
            });
        for (net::BoundSocket& socket : net::bind(address, bind, has_v4_twin, log))
            sockets.push_back(std::move(socket));
    }
    std::ranges::move(handed_over, std::back_inserter(sockets));
    return sockets;
}

// UDP sockets in turn to the workers; all that connects to one more.
void ListenService::deal_out(std::vector<net::BoundSocket> sockets, Log& log) {
    if (sockets.empty()) {
        throw Error("there is nothing to listen on: name an address, e.g. -L udp:0.0.0.0:9060",
                    ExitCode::usage);
    }
    std::vector<std::vector<net::BoundSocket>> datagrams(options_.workers);
    std::vector<net::BoundSocket> streams;
    std::size_t next = 0;
    for (net::BoundSocket& socket : sockets) {
        const std::string text = socket.to_text();
        if (addresses_.empty() || addresses_.back() != text) addresses_.push_back(text);
        if (socket.protocol == net::SocketAddress::Protocol::tls && !tls_.get()) {
            throw Error(fmt::format("{} needs --tls-cert and --tls-key", text), ExitCode::usage);
        }
        if (socket.protocol == net::SocketAddress::Protocol::udp) {
            datagrams[next++ % datagrams.size()].push_back(std::move(socket));
        } else {
            streams.push_back(std::move(socket));
        }
    }
    for (auto& share : datagrams) {
        if (share.empty()) continue;
        workers_.push_back(std::make_unique<Worker>(shared_, open_forward()));
        Worker& worker = *workers_.back();
        worker.datagrams = std::make_unique<net::UdpReceiver>(std::move(share), worker.collector, stop_);
    }
    if (streams.empty()) return;
    workers_.push_back(std::make_unique<Worker>(shared_, open_forward()));
    Worker& worker = *workers_.back();
    worker.streams = std::make_unique<net::StreamServer>(std::move(streams), possible_limits(log),
                                                         worker.collector, tls_, stop_);
}

// Where the kernel allows fewer connections than were asked for, the silent ones make room at that number:
// a newcomer for whom there is no descriptor could only be refused.
net::StreamLimits ListenService::possible_limits(Log& log) const {
    net::StreamLimits limits = options_.limits;
    const std::size_t others = other_files + options_.listen.size() * options_.workers;
    const std::size_t files = net::allow_open_files(limits.connections + others);
    const std::size_t possible = files > others ? files - others : 1;
    if (possible >= limits.connections) return limits;
    log.warn(
        fmt::format("there can be {} connections and not {}, since this process may open {} files; raise "
                    "its limit (ulimit -n, LimitNOFILE=) or lower --max-connections",
                    possible, limits.connections, files));
    limits.connections = possible;
    return limits;
}

std::optional<net::DatagramSocket> ListenService::open_forward() const {
    if (!options_.forward) return std::nullopt;
    net::DatagramSocket socket(*options_.forward);
    if (std::find(addresses_.begin(), addresses_.end(), "udp:" + net::to_text(socket.peer())) !=
        addresses_.end()) {
        throw Error("--forward to " + options_.forward->to_text() + " would come back here for ever",
                    ExitCode::usage);
    }
    return socket;
}

std::string ListenService::addresses() const { return fmt::format("{}", fmt::join(addresses_, ", ")); }

void ListenService::start() {
    queue_.start();
    const SignalsBlocked blocked;
    for (const auto& worker : workers_) {
        worker->thread = std::thread([this, w = worker.get()] {
            try {
                if (w->datagrams) w->datagrams->run();
                if (w->streams) w->streams->run();
            } catch (const std::exception& e) {
                note_failure(e.what());
            }
        });
    }
}

void ListenService::note_failure(const char* what) {
    {
        const std::lock_guard lock(failure_mutex_);
        if (!failure_) failure_ = what;
    }
    done_.raise();
}

bool ListenService::is_alive() {
    // A worker comes round once a second, or waits for a slow reader, as was asked for.
    constexpr std::chrono::seconds longest_silence{5};
    const auto now = std::chrono::steady_clock::now();
    bool are_all = true;
    for (const auto& worker : workers_) {
        const std::uint64_t signs = worker->collector.signs_of_life();
        if (std::exchange(worker->signs_seen, signs) != signs || queue_.is_waited_for())
            worker->last_sign = now;
        are_all &= now - worker->last_sign < longest_silence;
    }
    return are_all;
}

void ListenService::stop() {
    if (std::exchange(is_stopped_, true)) return;
    stop_.raise();
    queue_.hurry();  // with --block a worker may be waiting for the reader
    for (const auto& worker : workers_) {
        if (worker->thread.joinable()) worker->thread.join();
    }
    if (epilogue_) {
        if (!queue_.put(epilogue_(tally_), 0)) tally_.add(Drop::queue_full, 0);
    }
    queue_.close();
    if (failure_) throw Error(*failure_);
    if (queue_.failure()) throw Error(*queue_.failure());
}

std::string ListenService::counters_text() const {
    std::string text = fmt::format("{} received, {} messages, {} written", tally_.received(),
                                   tally_.value(Tally::messages), tally_.written());
    if (tally_.value(Tally::connected) > 0)
        text += fmt::format(", {} connections", tally_.value(Tally::connected));
    if (options_.forward) text += fmt::format(", {} forwarded", tally_.value(Tally::forwarded));
    if (const std::string causes = tally_.causes_text(); !causes.empty())
        text += fmt::format("; left out: {}", causes);
    return text;
}

}  // namespace hepcap::collect
