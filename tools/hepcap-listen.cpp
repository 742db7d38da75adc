// hepcap-listen: HEP from the network in, records or packets out.

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "base/excerpt.hpp"
#include "base/network.hpp"
#include "base/version.hpp"
#include "capture/savefile_name.hpp"
#include "cli/app.hpp"
#include "cli/control_options.hpp"
#include "cli/import_kamailio.hpp"
#include "cli/record_options.hpp"
#include "cli/size.hpp"
#include "collect/service.hpp"
#include "control/privileges.hpp"
#include "control/server.hpp"
#include "control/signals.hpp"
#include "record/ndjson_writer.hpp"

namespace {

using namespace hepcap;

constexpr const char* default_receive_buffer = "64M";

struct Options {
    std::vector<std::string> listen;
    std::vector<std::string> allow;
    std::string auth_key_file;
    std::string user;
    net::TlsServerOptions tls;
    std::uint64_t workers = 1;
    std::string receive_buffer;
    std::string hep = "on";
    std::string capture = "on";
    std::string bad_messages = "keep";
    std::uint64_t max_connections = 2048;
    std::uint64_t frame_timeout = 30;
    std::uint64_t idle_timeout = 0;
    cli::SelectionOptions selection;
    cli::RecordOptions records;
    std::string write;
    std::uint64_t rotate_seconds = 0;
    bool unwrap = false;
    std::string queue = "32M";
    bool block = false;
    bool eof_record = false;
    std::string rejects;
    std::string forward;
    std::string forward_if;
    control::ServerOptions control;
    std::string import_kamailio;
};

constexpr const char* security_group = "Security";

void describe_input(CLI::App& app, Options& o) {
    cli::repeatable(app.add_option("-L,--listen", o.listen,
                                   "Receive HEP here: udp:HOST[:PORT], tcp: (HEP3 only) or tls:, IPv6 in "
                                   "brackets; port 9060 if none is given"))
        ->type_name("ADDRESS")
        ->group(cli::group::input);
    app.add_option("--workers", o.workers, "Threads that receive UDP; the kernel spreads senders over them")
        ->type_name("N")
        ->check(cli::between(1, 256))
        ->capture_default_str()
        ->group(cli::group::input);
    app.add_option("--rcvbuf", o.receive_buffer,
                   "Receive buffer of each UDP socket, in octets, or with K, M, G")
        ->type_name("SIZE")
        ->default_str(default_receive_buffer)
        ->group(cli::group::input);
    app.add_option("--max-connections", o.max_connections, "Connections at the same time")
        ->type_name("N")
        ->check(cli::between(1, 1'000'000))
        ->capture_default_str()
        ->group(cli::group::input);
    app.add_option("--frame-timeout", o.frame_timeout,
                   "Seconds in which a message that has begun must be there, over a connection")
        ->type_name("S")
        ->check(cli::between(1, 86'400))
        ->capture_default_str()
        ->group(cli::group::input);
    app.add_option("--idle-timeout", o.idle_timeout,
                   "Seconds without a message after which a connection is closed; 0 for never")
        ->type_name("S")
        ->check(cli::between(0, 31'536'000))
        ->capture_default_str()
        ->group(cli::group::input);
    app.add_option("--hep", o.hep, "Decode HEP at all (hep_capture_on)")
        ->type_name("on|off")
        ->check(cli::one_of({"on", "off"}))
        ->capture_default_str()
        ->group(cli::group::input);
    app.add_option("--capture", o.capture, "Whether to begin with the capture switched on (capture_on)")
        ->type_name("on|off")
        ->check(cli::one_of({"on", "off"}))
        ->capture_default_str()
        ->group(cli::group::input);
}

void describe_security(CLI::App& app, Options& o) {
    cli::repeatable(app.add_option("--allow", o.allow, "Only from this network; anyone without it"))
        ->type_name("CIDR")
        ->group(security_group);
    app.add_option("--auth-key-file", o.auth_key_file,
                   "Only messages with an authentication key of FILE, which has one a line")
        ->type_name("FILE")
        ->group(security_group);
    app.add_option("-Z,--user", o.user, "Become this user once the sockets are open")
        ->type_name("USER")
        ->group(security_group);
    app.add_option("--tls-cert", o.tls.certificate_file, "Certificate for tls:, with its chain (PEM)")
        ->type_name("FILE")
        ->group(security_group);
    app.add_option("--tls-key", o.tls.key_file, "Its key (PEM)")->type_name("FILE")->group(security_group);
    app.add_option("--tls-client-ca", o.tls.client_ca_file,
                   "Only clients with a certificate of one of these authorities (PEM)")
        ->type_name("FILE")
        ->group(security_group);
}

void describe_output(CLI::App& app, Options& o) {
    cli::add_form_options(app, o.records);
    app.add_option("-w,--write", o.write,
                   "Write a savefile (pcap) in place of records: FILE, or - for standard output")
        ->type_name("FILE")
        ->group(cli::group::output);
    app.add_option("-G,--rotate-seconds", o.rotate_seconds,
                   "With -w: a new file after so many seconds; its name has codes of strftime")
        ->type_name("N")
        ->check(cli::between(1, 86'400 * 366))
        ->group(cli::group::output);
    app.add_flag("--unwrap", o.unwrap,
                 "With -w: the packets that the HEP messages tell of, not those that carried them")
        ->group(cli::group::output);
    app.add_option("--bad-messages", o.bad_messages,
                   "What becomes of SIP that is not well-formed (capture_bad_msgs)")
        ->type_name("keep|drop")
        ->check(cli::one_of({"keep", "drop"}))
        ->capture_default_str()
        ->group(cli::group::output);
    app.add_option("--queue", o.queue, "What may wait for a slow reader, in octets, or with K, M, G")
        ->type_name("SIZE")
        ->capture_default_str()
        ->group(cli::group::output);
    app.add_flag("--block", o.block, "When that is full, wait for the reader rather than drop and count")
        ->group(cli::group::output);
    app.add_flag("--eof-record", o.eof_record, "End with a record of kind eof that counts what came before")
        ->group(cli::group::output);
    app.add_option("--rejects", o.rejects, "Keep malformed HEP, as records of kind packet, in FILE")
        ->type_name("FILE")
        ->group(cli::group::output);
    app.add_option("--forward", o.forward, "Send what was accepted on, as it came, to udp:HOST:PORT")
        ->type_name("ADDRESS")
        ->group(cli::group::output);
    app.add_option("--forward-if", o.forward_if, "Only where this filter (see -Y) matches")
        ->type_name("EXPR")
        ->group(cli::group::output);
    cli::add_content_options(app, o.records);
}

void describe(CLI::App& app, Options& o) {
    describe_input(app, o);
    describe_security(app, o);
    cli::add_selection_options(app, o.selection);
    describe_output(app, o);
    cli::add_control_options(app, o.control);
    cli::add_import_option(app, o.import_kamailio);
}

std::shared_ptr<const collect::Rules> make_rules(const Options& o) {
    collect::Rules rules;
    rules.is_hep_on = o.hep == "on";
    rules.drops_bad_messages = o.bad_messages == "drop";
    rules.product = o.write.empty() ? collect::Product::records
                    : o.unwrap      ? collect::Product::inner_packets
                                    : collect::Product::hep_packets;
    if (!o.auth_key_file.empty()) {
        rules.keys = collect::AuthKeys(cli::read_small_file(o.auth_key_file, "key file"), o.auth_key_file);
    }
    for (const std::string& text : o.allow) {
        const auto network = Network::parse(text);
        if (!network) {
            throw Error(
                fmt::format("--allow: {} is no network, e.g. 192.0.2.0/24 or 2001:db8::/32", excerpt(text)),
                ExitCode::usage);
        }
        rules.allowed.push_back(*network);
    }
    if (!o.selection.filter.empty()) rules.filter = select::Filter::parse(o.selection.filter);
    if (!o.forward_if.empty()) rules.forward_filter = select::Filter::parse(o.forward_if);
    rules.builder = cli::builder_options(o.records);
    rules.writer = cli::writer_options(o.records);
    return std::make_shared<const collect::Rules>(std::move(rules));
}

std::optional<net::TlsContext> make_tls(const Options& o) {
    if (o.tls.certificate_file.empty() && o.tls.key_file.empty()) return std::nullopt;
    if (o.tls.certificate_file.empty() || o.tls.key_file.empty())
        throw Error("--tls-cert and --tls-key go together", ExitCode::usage);
    return net::TlsContext::make_server(o.tls);
}

collect::ServiceOptions service_options(const Options& o) {
    collect::ServiceOptions s;
    for (const std::string& text : o.listen) s.listen.push_back(net::parse_socket_address(text));
    s.workers = o.workers;
    s.receive_buffer =
        cli::parse_size(o.receive_buffer.empty() ? default_receive_buffer : o.receive_buffer, "--rcvbuf");
    s.demands_receive_buffer = !o.receive_buffer.empty();
    s.limits.connections = o.max_connections;
    s.limits.frame = std::chrono::seconds(o.frame_timeout);
    s.limits.idle = std::chrono::seconds(o.idle_timeout);
    s.output.path = o.write == "-" ? "" : o.write;
    s.output.period = std::chrono::seconds(o.rotate_seconds);
    s.output.capacity = cli::parse_size(o.queue, "--queue");
    s.output.waits = o.block;
    s.count = o.selection.count;
    s.rejects = o.rejects;
    if (!o.forward.empty()) {
        s.forward = net::parse_socket_address(o.forward);
        if (s.forward->is_stream()) throw Error("--forward sends datagrams: udp:HOST:PORT", ExitCode::usage);
    }
    return s;
}

void refuse_contradictions(const Options& o) {
    if (o.rotate_seconds > 0 && (o.write.empty() || o.write == "-"))
        throw Error("-G is about the files that -w makes", ExitCode::usage);
    if (o.rotate_seconds == 0 && capture::is_zstd_name(o.write))
        throw Error(
            "a savefile whose name ends in .zst is compressed with -G only; give both, or another name",
            ExitCode::usage);
    for (const std::string& text : o.listen) {
        if (net::parse_socket_address(text).protocol == net::SocketAddress::Protocol::tls &&
            o.tls.certificate_file.empty())
            throw Error(text + " needs --tls-cert and --tls-key", ExitCode::usage);
    }
    if (!o.write.empty() && o.records.form != "ndjson") cli::refuse_savefile_of_records(o.records);
    if (o.unwrap && o.write.empty()) throw Error("--unwrap is about what -w writes", ExitCode::usage);
    if (!o.forward_if.empty() && o.forward.empty())
        throw Error("--forward-if says when, and --forward is missing, which says where to", ExitCode::usage);
    if (o.eof_record && (!o.write.empty() || o.records.form != "ndjson"))
        throw Error("--eof-record is a record of -T ndjson", ExitCode::usage);
}

net::ServiceEnvironment service_environment() {
    return {std::getenv("NOTIFY_SOCKET"), std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID"),
            std::getenv("LISTEN_FDS"),    std::getenv("LISTEN_PID"),    std::getenv("LISTEN_FDNAMES")};
}

std::string eof_record(const collect::SharedTally& tally) {
    record::Record eof;
    eof.v = 1;
    eof.kind = record::kind::eof;
    eof.records = tally.value(collect::Tally::records) - tally.lost();
    eof.damaged = tally.damaged();
    eof.dropped = tally.dropped();
    eof.gaps = 0;
    std::string line;
    Output out([&line](std::string_view octets) { line.append(octets); });
    record::append_ndjson(out, eof, record::all_fields);
    out.flush();
    return line;
}

// Signals are let in only while it waits here, so that none can come between the look at its flag and
// the wait.
class Watch {
public:
    Watch() {
        sigset_t ours;
        sigemptyset(&ours);
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&ours, number);
        pthread_sigmask(SIG_BLOCK, &ours, &outside_);
    }

    // Whether `fd` has become readable.
    bool wait(int fd, std::chrono::milliseconds at_most) {
        const timespec limit{at_most.count() / 1000, at_most.count() % 1000 * 1'000'000};
        pollfd poll{fd, POLLIN, 0};
        return ::ppoll(&poll, 1, &limit, &outside_) > 0;
    }

private:
    sigset_t outside_{};
};

// Keys, certificates and output anew; what cannot be read leaves the old in force.
void reload(const Options& o, collect::ListenService& service, cli::StderrLog& log) {
    try {
        auto rules = make_rules(o);
        auto tls = make_tls(o);
        service.set_rules(std::move(rules));
        if (tls) service.set_tls(std::move(*tls));
    } catch (const Error& e) {
        log.warn(fmt::format("nothing was reloaded: {}", e.what()));
    }
    service.reopen_output();
}

void run(const Options& o, collect::ListenService& service, const net::ServiceManager& manager, Watch& watch,
         cli::StderrLog& log) {
    const auto alive_interval =
        std::chrono::duration_cast<std::chrono::milliseconds>(manager.alive_interval());
    const std::chrono::milliseconds tick =
        alive_interval.count() > 0 ? alive_interval : std::chrono::milliseconds(60'000);
    while (!control::stop_requested()) {
        const bool is_done = watch.wait(service.done_fd(), tick);
        if (control::take_report_request()) log.warn(service.counters_text());
        if (control::take_reopen_request()) {
            manager.tell("RELOADING=1");
            reload(o, service, log);
            manager.tell("READY=1");
        }
        if (is_done) break;
        if (alive_interval.count() > 0 && service.is_alive()) manager.tell("WATCHDOG=1");
    }
}

struct Outcome {
    ExitCode code = ExitCode::done;
    bool is_reader_gone = false;
};

Outcome serve(const Options& o, cli::StderrLog& log) {
    Watch watch;
    control::install_signals();
    std::signal(SIGPIPE, SIG_IGN);
    const net::ServiceManager manager(service_environment(), ::getpid());
    control::Counters counters;
    control::CaptureSwitch capture(o.capture == "on");
    collect::ListenService service(service_options(o), make_rules(o), make_tls(o), capture, counters, manager,
                                   log);
    if (o.eof_record) service.set_epilogue(eof_record);
    control::Server server(o.control, {"hepcap-listen", std::string(version)}, capture, counters, log);
    control::drop_privileges(o.user);
    service.start();
    server.start();
    log.inform("listening on " + service.addresses());
    manager.tell("READY=1");

    run(o, service, manager, watch, log);

    manager.tell("STOPPING=1");
    try {
        service.stop();
    } catch (const Error& e) {
        log.error(e.what());  // and the counters say what it cost
    }
    if (service.is_reader_gone()) return {ExitCode::done, true};
    if (control::stop_requested() || log.has_errors()) {
        log.warn("stopped; " + service.counters_text());
    } else {
        log.inform(service.counters_text());
    }
    const bool is_empty = service.tally().written() == 0 && !log.has_errors();
    return {o.selection.fail_empty && is_empty ? ExitCode::no_match : ExitCode::done, false};
}

ExitCode listen(const Options& o, cli::StderrLog& log) {
    if (!o.import_kamailio.empty()) return cli::print_kamailio_import(o.import_kamailio, log);
    refuse_contradictions(o);
    const Outcome outcome = serve(o, log);
    if (outcome.is_reader_gone) {
        // The quiet end of a tool whose reader has what it wanted; what it made is removed by now.
        std::signal(SIGPIPE, SIG_DFL);
        std::raise(SIGPIPE);
    }
    return outcome.code;
}

// For --check-config: all that is read and understood before a socket is opened.
void check(const Options& o, cli::StderrLog&) {
    refuse_contradictions(o);
    service_options(o);
    make_rules(o);
    make_tls(o);
    control::check_user(o.user);
    control::check(o.control);
}

}  // namespace

int main(int argc, char** argv) {
    return cli::run<Options>(argc, argv,
                             {"hepcap-listen", "HEP from the network as records, a JSON object a line",
                              "  hepcap-listen -L udp:0.0.0.0:9060 | hepcap-load --db sqlite:calls.db\n"
                              "  hepcap-listen -L udp:[::]:9060 -L tcp:[::]:9060 -T text\n"
                              "  hepcap-listen -L udp:0.0.0.0:9060 -w - --unwrap | wireshark -k -i -\n"},
                             describe, listen, check);
}
