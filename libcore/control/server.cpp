#include "control/server.hpp"

#include <fmt/core.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <optional>
#include <thread>

#include "base/error.hpp"
#include "base/signals_blocked.hpp"
#include "control/control_socket.hpp"
#include "control/json_rpc.hpp"
#include "control/metrics_file.hpp"
#include "control/metrics_page.hpp"
#include "control/mi.hpp"
#include "control/reply_fifos.hpp"
#include "control/request_fifo.hpp"
#include "control/traffic.hpp"

namespace hepcap::control {

class Server::Parts {
public:
    Parts(const ServerOptions& o, const Identity& identity, CaptureSwitch& capture, Counters& counters,
          Log& log)
        : capture_(capture), traffic_(counters), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (!wake_) throw Error(fmt::format("cannot make an event descriptor: {}", errno_text(errno)));
        add_methods(rpc_, capture, counters, identity);
        if (!o.rpc_fifo.empty() || !o.mi_fifo.empty()) replies_.emplace(o.reply_directory, traffic_, log);
        if (!o.control.empty()) {
            socket_.emplace(
                o.control, [this](std::string_view text) { return answer_line(text); }, traffic_);
        }
        if (!o.rpc_fifo.empty()) {
            rpc_fifo_.emplace(
                o.rpc_fifo, [this](std::string_view text) { answer_rpc_fifo(text); }, traffic_);
        }
        if (!o.mi_fifo.empty()) {
            mi_fifo_.emplace(
                o.mi_fifo, [this](std::string_view text) { answer_mi_fifo(text); }, traffic_);
        }
        if (!o.metrics.empty()) page_.emplace(o.metrics, counters);
        if (!o.metrics_file.empty()) {
            file_.emplace(o.metrics_file, std::chrono::seconds(o.metrics_interval), counters, log);
        }
    }

    ~Parts() {
        if (thread_.joinable()) {
            const std::uint64_t one = 1;
            [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
            thread_.join();
        }
        if (file_) file_->write();
    }

    bool has_work() const { return socket_ || rpc_fifo_ || mi_fifo_ || page_ || file_; }

    void start() {
        const SignalsBlocked blocked;
        try {
            thread_ = std::thread([this] { run(); });
        } catch (const std::system_error& e) {
            throw Error(fmt::format("cannot start the control thread: {}", errno_text(e.code().value())));
        }
        pthread_setname_np(thread_.native_handle(), "control");
    }

    std::uint16_t metrics_port() const { return page_ ? page_->port() : 0; }

private:
    void run() {
        for (;;) {
            Waiting waiting;
            waiting.want(wake_.get(), POLLIN);
            if (socket_) socket_->prepare(waiting);
            if (rpc_fifo_) rpc_fifo_->prepare(waiting);
            if (mi_fifo_) mi_fifo_->prepare(waiting);
            if (replies_) replies_->prepare(waiting);
            if (page_) page_->prepare(waiting);
            if (file_) file_->prepare(waiting);
            waiting.wait();
            if (waiting.at(wake_.get()) != 0) return;
            if (socket_) socket_->serve(waiting);
            if (rpc_fifo_) rpc_fifo_->serve(waiting);
            if (mi_fifo_) mi_fifo_->serve(waiting);
            if (replies_) replies_->serve();
            if (page_) page_->serve();
            if (file_) file_->serve();
        }
    }

    RpcAnswer answer(std::string_view text) {
        RpcAnswer a = rpc_.answer(text);
        (a.is_refused ? traffic_.malformed : traffic_.requests).add();
        return a;
    }

    std::string answer_line(std::string_view text) {
        const RpcAnswer a = answer(text);
        return a.response.is_null() ? std::string() : to_line(a.response);
    }

    void answer_rpc_fifo(std::string_view text) {
        const RpcAnswer a = answer(text);
        if (!a.reply_name.empty() && !a.response.is_null()) {
            replies_->send(a.reply_name, to_lines(a.response));
        }
    }

    void answer_mi_fifo(std::string_view text) {
        const auto request = parse_mi(text);
        (request ? traffic_.requests : traffic_.malformed).add();
        if (!request) return;
        std::string reply = answer_mi(*request, capture_);
        if (!request->reply_name.empty()) replies_->send(request->reply_name, std::move(reply));
    }

    CaptureSwitch& capture_;
    Traffic traffic_;
    JsonRpc rpc_;
    FileDescriptor wake_;
    std::optional<ReplyFifos> replies_;
    std::optional<ControlSocket> socket_;
    std::optional<RequestFifo<JsonFramer>> rpc_fifo_;
    std::optional<RequestFifo<MiFramer>> mi_fifo_;
    std::optional<MetricsPage> page_;
    std::optional<MetricsFile> file_;
    std::thread thread_;
};

void check(const ServerOptions& o) {
    if (!o.control.empty()) check_control_path(o.control);
    if (!o.rpc_fifo.empty() || !o.mi_fifo.empty()) open_reply_directory(o.reply_directory);
    if (!o.metrics.empty()) parse_metrics_address(o.metrics);
}

Server::Server(const ServerOptions& options, const Identity& identity, CaptureSwitch& capture,
               Counters& counters, Log& log) {
    counters.add_gauge("hepcap_capture_on", "Whether what is captured is passed on.",
                       [&capture] { return capture.is_on() ? 1.0 : 0.0; });
    counters.add_gauge(
        "hepcap_build_info", "Which program and version this is; always 1.", [] { return 1.0; },
        label("program", identity.program) + "," + label("version", identity.version));
    const auto since = std::chrono::duration<double>(identity.since.time_since_epoch()).count();
    counters.add_gauge("process_start_time_seconds", "When the program started, in seconds since 1970.",
                       [since] { return since; });
    parts_ = std::make_unique<Parts>(options, identity, capture, counters, log);
}

Server::~Server() = default;

void Server::start() {
    if (parts_->has_work()) parts_->start();
}

std::uint16_t Server::metrics_port() const { return parts_->metrics_port(); }

}  // namespace hepcap::control
