// hepcap-send: records or captures in, HEP to a collector out.

#include <fmt/core.h>
#include <sys/stat.h>

#include <charconv>
#include <csignal>
#include <optional>

#include "agent/replay.hpp"
#include "cli/app.hpp"
#include "cli/size.hpp"
#include "control/signals.hpp"
#include "select/filter.hpp"

namespace {

using namespace hepcap;

constexpr const char* collector = "Collector";
constexpr const char* timing = "Timing";

struct Options {
    std::vector<std::string> read;
    std::vector<std::string> operands;
    cli::SelectionOptions selection;

    std::vector<std::string> to;
    int hep_version = 3;
    std::optional<std::uint32_t> capture_id;
    std::string node;
    std::string auth_key_file;
    bool compress = false;
    std::string tls_ca;
    std::string tls_cert;
    std::string tls_key;
    bool tls_verify = true;
    bool drop = false;
    std::string buffer = "4M";
    std::optional<std::uint64_t> retry_timeout;

    std::string time = "original";
    std::string pace = "max";
    std::uint64_t rate = 0;
    std::string loop = "false";  // or how often; CLI11 resets a flag that is a number
};

void describe_collector(CLI::App& app, Options& o) {
    cli::repeatable(
        app.add_option("-H,--to", o.to,
                       "Send to udp:HOST:PORT, tcp:HOST:PORT or tls:HOST:PORT; an IPv6 address in "
                       "brackets, the port 9060 where none is named; several each get everything"))
        ->type_name("ADDRESS")
        ->group(collector);
    app.add_option("--hep-version", o.hep_version, "Version of HEP; 1 and 2 carry SIP only")
        ->type_name("1|2|3")
        ->check(cli::between(1, 3))
        ->capture_default_str()
        ->group(collector);
    app.add_option("--capture-id", o.capture_id, "Capture agent id of every message, in place of its own")
        ->type_name("N")
        ->check(cli::between(0, std::numeric_limits<std::uint32_t>::max()))
        ->group(collector);
    app.add_option("--node", o.node, "Capture agent name of every message, in place of its own")
        ->type_name("NAME")
        ->group(collector);
    app.add_option("--auth-key-file", o.auth_key_file, "Authenticate with the key in FILE")
        ->type_name("FILE")
        ->group(collector);
    app.add_flag("--compress", o.compress, "Compress payloads, where the collector can read that")
        ->group(collector);
    app.add_option("--tls-ca", o.tls_ca, "Who signs the collector's certificate [those the system trusts]")
        ->type_name("FILE")
        ->group(collector);
    app.add_option("--tls-cert", o.tls_cert, "Our certificate, for a collector that asks for one")
        ->type_name("FILE")
        ->group(collector);
    app.add_option("--tls-key", o.tls_key, "Its key")->type_name("FILE")->group(collector);
    app.add_flag("--tls-verify,!--no-tls-verify", o.tls_verify, "Look whose certificate it is")
        ->default_str("true")
        ->group(collector);
    app.add_flag("--drop", o.drop, "Drop and count what the collector does not take at once [wait for it]")
        ->group(collector);
    app.add_option("--buffer", o.buffer,
                   "How much may wait for a connection: octets, or with K, M or G behind")
        ->type_name("SIZE")
        ->capture_default_str()
        ->group(collector);
    app.add_option("--retry-timeout", o.retry_timeout,
                   "Give up on a collector that stays away so many seconds; 0: never [60, with --drop 0]")
        ->type_name("S")
        ->check(cli::between(0, 1'000'000))
        ->group(collector);
}

void describe(CLI::App& app, Options& o) {
    cli::repeatable(
        app.add_option("-r,--read", o.read,
                       "Read records, or a capture: pcap or pcapng, plain or compressed by gzip or "
                       "zstd; - is standard input; several captures are merged by time"))
        ->type_name("FILE")
        ->group(cli::group::input);
    app.add_option("input", o.operands, "Files of records, and captures")->type_name("FILE");

    cli::add_selection_options(app, o.selection);
    describe_collector(app, o);

    app.add_option("--time", o.time,
                   "Date of the messages: the record's, that of sending, or the record's moved so that the "
                   "first is sent now")
        ->type_name("original|now|shift")
        ->check(cli::one_of({"original", "now", "shift"}))
        ->capture_default_str()
        ->group(timing);
    app.add_option("--pace", o.pace,
                   "As fast as captured (1x), faster (10x), slower (0.5x), or at once (max)")
        ->type_name("1x|10x|max")
        ->capture_default_str()
        ->group(timing);
    app.add_option("--rate", o.rate, "Send no more than N messages a second")
        ->type_name("N")
        ->check(cli::between(1, 100'000'000))
        ->group(timing);
    app.add_flag("--loop{true}", o.loop,
                 "Begin again at the end, until stopped, or until all was sent N times")
        ->type_name("N")
        ->default_str("false")
        ->group(timing);
}

[[noreturn]] void refuse(const std::string& sentence) { throw Error(sentence, ExitCode::usage); }

agent::EncoderOptions encoder_options(const Options& o) {
    agent::EncoderOptions e;
    e.version = o.hep_version;
    e.capture_agent_id = o.capture_id;
    e.capture_agent_name = o.node;
    e.compress = o.compress;
    if (!o.auth_key_file.empty()) e.auth_key = cli::read_small_file(o.auth_key_file, "authenticate key file");
    if (o.hep_version == 3) return e;
    const std::string version = fmt::format("HEP {}", o.hep_version);
    if (!o.node.empty()) refuse(version + " has no place for --node; leave it out, or send HEP 3");
    if (!e.auth_key.empty()) refuse(version + " has no place for a key; leave it out, or send HEP 3");
    if (o.compress) refuse(version + " cannot say that a payload is compressed; send HEP 3");
    if (o.hep_version == 1 && o.capture_id) refuse("HEP 1 has no place for --capture-id; send HEP 2 or 3");
    if (o.capture_id.value_or(0) > std::numeric_limits<std::uint16_t>::max())
        refuse("HEP 2 has 16 bits for --capture-id, 65535 at most; send HEP 3 for a larger one");
    return e;
}

agent::PacerOptions pacer_options(const Options& o) {
    const auto speed = agent::parse_speed(o.pace);
    if (!speed)
        refuse(fmt::format("--pace '{}' is neither max nor a factor such as 1x, 10x or 0.5x", o.pace));
    return {*speed, static_cast<double>(o.rate)};
}

// How often the input is read.
std::uint64_t count_passes(const Options& o) {
    if (o.loop == "false") return 1;
    if (o.loop == "true") return 0;  // without end
    std::uint64_t passes = 0;
    const auto [end, error] = std::from_chars(o.loop.data(), o.loop.data() + o.loop.size(), passes);
    if (error == std::errc{} && end == o.loop.data() + o.loop.size() && passes > 0) return passes;
    refuse(fmt::format("--loop={} is no number of times; write --loop=10, or --loop alone", o.loop));
}

std::vector<net::SocketAddress> addresses(const Options& o) {
    if (o.to.empty()) refuse("there is nowhere to send to: name a collector, such as -H udp:192.0.2.1:9060");
    std::vector<net::SocketAddress> found;
    for (const std::string& text : o.to) {
        found.push_back(net::parse_socket_address(text));
        if (found.back().is_stream() && o.hep_version != 3) {
            refuse(
                fmt::format("HEP {} does not say where a message ends, which {} needs; send it over udp:, "
                            "or HEP 3",
                            o.hep_version, text));
        }
    }
    return found;
}

net::TlsContext make_tls(const Options& o) {
    if (o.tls_cert.empty() != o.tls_key.empty()) refuse("--tls-cert and --tls-key go together; name both");
    net::TlsClientOptions options;
    options.ca_file = o.tls_ca;
    options.certificate_file = o.tls_cert;
    options.key_file = o.tls_key;
    options.verifies_server = o.tls_verify;
    return net::TlsContext::make_client(options);
}

std::optional<net::TlsContext> tls_context(const Options& o, std::span<const net::SocketAddress> to) {
    const auto is_tls = [](const net::SocketAddress& a) {
        return a.protocol == net::SocketAddress::Protocol::tls;
    };
    if (o.tls_cert.empty() != o.tls_key.empty()) refuse("--tls-cert and --tls-key go together; name both");
    if (std::ranges::none_of(to, is_tls)) return std::nullopt;
    return make_tls(o);
}

agent::ReplayOptions replay_options(const Options& o) {
    agent::ReplayOptions r;
    r.encoder = encoder_options(o);
    r.pacer = pacer_options(o);
    r.dating = o.time == "now"     ? agent::Dating::now
               : o.time == "shift" ? agent::Dating::shift
                                   : agent::Dating::original;
    r.filter = o.selection.filter;
    r.count = o.selection.count;
    r.passes = count_passes(o);
    return r;
}

net::SenderOptions sender_options(const Options& o, const net::TlsContext* tls) {
    net::SenderOptions s;
    s.drops = o.drop;
    s.buffer = cli::parse_size(o.buffer, "--buffer");
    s.give_up = std::chrono::seconds(o.retry_timeout.value_or(o.drop ? 0 : 60));
    s.is_stopped = control::stop_requested;
    s.tls = tls;
    return s;
}

class Sending {
public:
    Sending(const Options& o, cli::StderrLog& log)
        : options_(o), log_(log), collectors_([this] { look_up(); }), replay_(options(), collectors_, log) {
        const std::vector<net::SocketAddress> to = addresses(o);
        tls_ = tls_context(o, to);
        for (const net::SocketAddress& address : to)
            collectors_.add(net::open_sender(address, sender_options(o, tls_ ? &*tls_ : nullptr), log));
    }

    ExitCode run(const std::vector<std::string>& names) {
        try {
            replay_.run(names);
            collectors_.close();
        } catch (const Error& e) {
            if (e.code() == ExitCode::temporary) log_.warn(counters());
            throw;
        }
        report();
        return options_.selection.fail_empty && replay_.records() == 0 && !log_.has_errors()
                   ? ExitCode::no_match
                   : ExitCode::done;
    }

private:
    agent::ReplayOptions options() {
        agent::ReplayOptions r = replay_options(options_);
        r.on_record = [this](std::uint64_t count) { log_.progress(count, "records"); };
        return r;
    }

    // In each wait.
    void look_up() {
        if (control::take_report_request()) log_.warn(counters());
        if (control::stop_requested()) throw control::Stopped{};
    }

    void report() {
        if (replay_.bad_lines() > agent::Replay::most_lines_named) {
            log_.error(fmt::format("{} more lines are no records either",
                                   replay_.bad_lines() - agent::Replay::most_lines_named));
        }
        const std::string malformed = replay_.packets().malformed_text();
        if (!malformed.empty()) log_.warn("malformed and left out: " + malformed);
        const std::string undecoded = replay_.packets().undecoded_text();
        if (!undecoded.empty()) log_.warn("not decoded: " + undecoded);
        const agent::Encoder& encoder = replay_.encoder();
        if (encoder.other_kinds() > 0) {
            log_.warn(fmt::format("left out, being no messages: {} records", encoder.other_kinds()));
        }
        if (encoder.refused() > 0) {
            log_.error(fmt::format("not sent as HEP {}: {}", options_.hep_version, encoder.refused_text()));
        }
        for (const auto& sender : collectors_.senders()) report(*sender);
        if (control::stop_requested()) {
            log_.warn("stopped; " + counters());
        } else {
            log_.inform(counters());
        }
    }

    // Whoever stops a tool knows that it is not through.
    void report(const net::Sender& sender) {
        const net::SenderCounts& c = sender.counts();
        const auto say = [&](std::uint64_t count, bool is_error, std::string_view what) {
            if (count == 0) return;
            const std::string sentence = fmt::format("{}: {} {}", sender.name(), count, what);
            if (is_error && !control::stop_requested()) {
                log_.error(sentence);
            } else {
                log_.warn(sentence);
            }
        };
        say(c.too_long, true, "messages not sent, since no datagram has room for them; tcp: has");
        say(c.refused, true, "messages came back, since nobody listened there");
        say(c.unsent, true, "messages not sent, since it did not take them");
        say(c.dropped, false, "messages dropped, since it did not take them at once");
        say(c.lost_connections, true, "connections lost, with what had not been read of them");
    }

    std::string counters() const {
        std::string text = fmt::format("{} records, {} messages", replay_.records(), replay_.messages());
        for (const auto& sender : collectors_.senders()) {
            const net::SenderCounts& c = sender->counts();
            text += fmt::format("; {}: {} sent, {} octets", sender->name(), c.sent, c.octets);
        }
        return text;
    }

    const Options& options_;
    cli::StderrLog& log_;
    std::optional<net::TlsContext> tls_;
    net::SenderGroup collectors_;
    agent::Replay replay_;
};

// What is read again must be there again.
void check_loop(const Options& o, const std::vector<std::string>& names) {
    if (count_passes(o) == 1) return;
    for (const std::string& name : names) {
        struct stat info {};
        if (name == "-" || (::stat(name.c_str(), &info) == 0 && !S_ISREG(info.st_mode))) {
            refuse(fmt::format("--loop cannot begin '{}' again, which is no file; save it first", name));
        }
    }
}

ExitCode send_all(const Options& o, cli::StderrLog& log) {
    const std::vector<std::string> names =
        cli::input_names(o.read, o.operands, "a file of records or a capture");
    check_loop(o, names);
    control::install_signals();
    std::signal(SIGPIPE, SIG_IGN);  // a collector that goes is no reader that has enough
    return Sending(o, log).run(names);
}

// For --check-config: values that only the work would look at.
void check(const Options& o, cli::StderrLog&) {
    if (!o.to.empty()) addresses(o);  // a configuration may leave it to the command line
    const agent::ReplayOptions replay = replay_options(o);
    if (!replay.filter.empty()) select::Filter::parse(replay.filter);
    const net::TlsContext tls = make_tls(o);
    sender_options(o, &tls);
}

}  // namespace

int main(int argc, char** argv) {
    return cli::run<Options>(
        argc, argv,
        {"hepcap-send", "Records and captures to a collector, as HEP",
         "  hepcap-send -r trace.pcap -H udp:192.0.2.1:9060 --pace 1x\n"
         "  hepcap-decode -r trace.pcap -Y 'status >= 400' | hepcap-send -H tcp:192.0.2.1\n"
         "  hepcap-send -r calls.ndjson -H tls:hep.example.org --capture-id 2001\n"},
        describe, send_all, check);
}
