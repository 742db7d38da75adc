// hepcap-raw: packets of an interface, of a tunnel's end or of files, as savefiles or as records.

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "base/version.hpp"
#include "capture/interface_source.hpp"
#include "capture/ipip_source.hpp"
#include "capture/merged_source.hpp"
#include "capture/savefile_name.hpp"
#include "cli/app.hpp"
#include "cli/control_options.hpp"
#include "cli/import_kamailio.hpp"
#include "cli/record_options.hpp"
#include "cli/size.hpp"
#include "control/privileges.hpp"
#include "control/signals.hpp"
#include "sniff/picks.hpp"
#include "sniff/service.hpp"

namespace {

using namespace hepcap;

cli::RecordOptions in_form(const char* form) {
    cli::RecordOptions records;
    records.form = form;
    return records;
}

struct Options {
    std::string interface;
    bool list_interfaces = false;
    std::vector<std::string> read;
    std::vector<std::string> operands;
    std::string pick;
    std::string mode = "mirror";
    std::vector<std::string> listen;
    std::vector<std::string> ports;
    cli::CaptureFilterOptions capture_filter;
    bool no_bpf = false;
    bool promiscuous = false;
    bool not_promiscuous = false;
    std::uint32_t snaplen = 262144;
    std::string receive_buffer = "32M";
    bool nanoseconds = false;
    unsigned workers = 1;
    cli::SelectionOptions selection;
    cli::RecordOptions records = in_form("pcap");
    std::string write;
    std::string rotate_size;
    std::uint64_t rotate_seconds = 0;
    std::uint64_t file_count = 0;
    std::uint64_t keep_days = 0;
    std::string keep_bytes;
    std::string on_close;
    std::string user;
    std::string capture = "on";
    control::ServerOptions control;
    std::string import_kamailio;
};

void describe_input(CLI::App& app, Options& o) {
    app.add_option("-i,--interface", o.interface, "Capture on this interface; any is all of them")
        ->type_name("INTERFACE")
        ->group(cli::group::input);
    app.add_flag("-D,--list-interfaces", o.list_interfaces, "List the interfaces and exit")
        ->configurable(false)
        ->group(cli::group::input);
    cli::repeatable(app.add_option("-r,--read", o.read,
                                   "Take packets from a capture instead; - is standard input; several are "
                                   "merged by time"))
        ->type_name("CAPTURE")
        ->group(cli::group::input);
    app.add_option("capture", o.operands, "Capture files")->type_name("CAPTURE");
    app.add_option("--pick", o.pick,
                   "Take only the packets that the records of FILE were made of; - is standard input")
        ->type_name("FILE")
        ->group(cli::group::input);
    app.add_option("--mode", o.mode, "A mirror port, or the end of an IP-in-IP tunnel")
        ->type_name("mirror|ipip")
        ->check(cli::one_of({"mirror", "ipip"}))
        ->capture_default_str()
        ->group(cli::group::input);
    cli::repeatable(app.add_option("--listen", o.listen,
                                   "Address of the tunnel's end and ports (raw_socket_listen), e.g. "
                                   "192.0.2.1:5060-5090; in mirror mode only the ports count"))
        ->type_name("ADDRESS[:PORTS]")
        ->group(cli::group::input);
    cli::repeatable(app.add_option("--port", o.ports, "Only packets from or to these ports"))
        ->type_name("PORT[-PORT]")
        ->delimiter(',')
        ->group(cli::group::input);
    cli::add_capture_filter_options(app, o.capture_filter);
    app.add_flag("--no-bpf", o.no_bpf, "Filter here and not in the kernel (raw_moni_bpf_on 0)")
        ->group(cli::group::input);
    app.add_flag("--promiscuous", o.promiscuous, "Take what is for other machines, too (promiscuous_on)")
        ->group(cli::group::input);
    app.add_flag("-p", o.not_promiscuous, "Not --promiscuous, which is the default")
        ->group(cli::group::input);
    app.add_option("-s,--snaplen", o.snaplen, "Octets to take of each packet at most")
        ->type_name("N")
        ->check(cli::between(64, 262144))
        ->capture_default_str()
        ->group(cli::group::input);
    app.add_option("--rcvbuf", o.receive_buffer,
                   "Ring or receive buffer of each worker, in octets, or with K, M, G")
        ->type_name("SIZE")
        ->capture_default_str()
        ->group(cli::group::input);
    app.add_flag("--nanoseconds", o.nanoseconds, "Take the time in nanoseconds")->group(cli::group::input);
    app.add_option("--workers", o.workers, "Threads that capture (raw_sock_children)")
        ->type_name("N")
        ->check(cli::between(1, 256))
        ->capture_default_str()
        ->group(cli::group::input);
}

void describe_output(CLI::App& app, Options& o) {
    app.add_option(
           "-w,--write", o.write,
           "Write packets to NAME, with codes of strftime(3) for the time; .zst at its end compresses; "
           "- is standard output")
        ->type_name("NAME")
        ->group(cli::group::output);
    app.add_option("-C,--rotate-size", o.rotate_size,
                   "A new file after so many millions of octets, or with K, M, G 1024ths")
        ->type_name("SIZE")
        ->group(cli::group::output);
    app.add_option("-G,--rotate-seconds", o.rotate_seconds, "A new file after so many seconds")
        ->type_name("N")
        ->check(cli::between(1, 31'536'000))
        ->group(cli::group::output);
    app.add_option("-W,--file-count", o.file_count, "With -C a ring of N files; with -G end after N files")
        ->type_name("N")
        ->check(cli::between(1, 1'000'000))
        ->group(cli::group::output);
    app.add_option("--keep-days", o.keep_days, "Remove files of this name that are older than N days")
        ->type_name("N")
        ->check(cli::between(1, 36'500))
        ->group(cli::group::output);
    app.add_option("--keep-bytes", o.keep_bytes,
                   "Remove the oldest files of this name where all have more, in octets, or with K, M, G")
        ->type_name("SIZE")
        ->group(cli::group::output);
    app.add_option("--on-close", o.on_close,
                   "Run COMMAND with the name of each finished file as its last word, without a shell")
        ->type_name("COMMAND")
        ->group(cli::group::output);
    cli::add_form_options(app, o.records, {"pcap", "pcapng", "ndjson", "text", "csv"});
    cli::add_content_options(app, o.records);
}

void describe(CLI::App& app, Options& o) {
    describe_input(app, o);
    cli::add_selection_options(app, o.selection);
    describe_output(app, o);
    app.add_option("-Z,--user", o.user, "Become this user once the sockets are open")
        ->type_name("USER")
        ->group(cli::group::control);
    app.add_option("--capture", o.capture, "Whether to begin with the capture switched on (capture_on)")
        ->type_name("on|off")
        ->check(cli::one_of({"on", "off"}))
        ->capture_default_str()
        ->group(cli::group::control);
    cli::add_control_options(app, o.control);
    cli::add_import_option(app, o.import_kamailio);
}

bool writes_records(const Options& o) { return o.records.form != "pcap" && o.records.form != "pcapng"; }

// -C counts as tcpdump does: millions where no letter says otherwise.
std::uint64_t rotate_octets(const std::string& text) {
    if (text.empty()) return 0;
    const bool has_letter = text.back() < '0' || text.back() > '9';
    const std::uint64_t octets = cli::parse_size(text, "-C") * (has_letter ? 1 : 1'000'000);
    if (octets == 0) throw Error("-C: a file of no size holds no packet", ExitCode::usage);
    return octets;
}

sniff::OutputOptions output_options(const Options& o) {
    sniff::OutputOptions out;
    out.is_lines = writes_records(o);
    capture::RotationOptions& r = out.rotation;
    if (o.write != "-") r.name = o.write;
    r.max_octets = rotate_octets(o.rotate_size);
    r.period_seconds = o.rotate_seconds;
    r.file_count = o.file_count;
    r.keep_days = o.keep_days;
    if (!o.keep_bytes.empty()) r.keep_octets = cli::parse_size(o.keep_bytes, "--keep-bytes");
    r.savefile.snaplen = o.snaplen;
    const bool is_pcapng = o.records.form == "pcapng" || capture::is_pcapng_name(o.write);
    r.savefile.form = is_pcapng ? capture::SavefileForm::pcapng : capture::SavefileForm::pcap;
    r.savefile.application = "hepcap-raw " + std::string(version);
    r.savefile.interface_name = o.interface;
    return out;
}

bool is_stdout(const Options& o) { return o.write.empty() || o.write == "-"; }

bool has_files(const Options& o) { return !o.read.empty() || !o.operands.empty() || !o.pick.empty(); }

bool is_live(const Options& o) { return !o.interface.empty() || o.mode == "ipip"; }

void refuse_contradictions(const Options& o) {
    if (has_files(o) && is_live(o))
        throw Error("-i and --mode ipip capture, -r and --pick read captures: one or the other",
                    ExitCode::usage);
    const bool rotates = !o.rotate_size.empty() || o.rotate_seconds > 0 || o.file_count > 0 ||
                         o.keep_days > 0 || !o.keep_bytes.empty() || !o.on_close.empty();
    if (writes_records(o) && !o.write.empty()) cli::refuse_savefile_of_records(o.records);
    for (const std::string_view ending : {".gz", ".xz", ".bz2"}) {
        if (!writes_records(o) && o.write.ends_with(ending))
            throw Error(
                fmt::format("'{}' would not be compressed as its name says; end it in .zst, or leave {} out",
                            o.write, ending),
                ExitCode::usage);
    }
    if (rotates && is_stdout(o))
        throw Error("-C, -G, -W, --keep-days, --keep-bytes and --on-close are for files; name them with -w",
                    ExitCode::usage);
    if (o.records.form == "csv" && o.workers > 1)
        throw Error("-T csv has one line of names at its head: it takes --workers 1", ExitCode::usage);
}

sniff::WorkOptions work_options(const Options& o) {
    sniff::WorkOptions w;
    w.capture_filter = !o.capture_filter.file.empty()
                           ? cli::read_small_file(o.capture_filter.file, "filter file")
                           : o.capture_filter.expression;
    for (const std::string& text : o.ports) w.ports.push_back(capture::parse_port_range(text));
    for (const std::string& text : o.listen) {
        for (const capture::PortRange& range : capture::parse_raw_listen(text).ports)
            w.ports.push_back(range);
    }
    w.writes_records = writes_records(o);
    if (!o.selection.filter.empty()) w.filter = select::Filter::parse(o.selection.filter);
    if (w.writes_records || w.filter) w.builder = cli::builder_options(o.records);
    if (w.writes_records) w.writer = cli::writer_options(o.records);
    w.count = o.selection.count;
    return w;
}

using Sources = std::vector<std::unique_ptr<capture::LiveSource>>;

std::uint32_t ring_octets(const Options& o) {
    const std::size_t ring = cli::parse_size(o.receive_buffer, "--rcvbuf");
    if (ring < 4096 || ring > 0x7fffffff)
        throw Error("--rcvbuf: a ring has from 4K to 2047M", ExitCode::usage);
    return static_cast<std::uint32_t>(ring);
}

// Where the tunnel ends; none where --listen names no address.
IpAddress tunnel_address(const Options& o) {
    IpAddress found;
    for (const std::string& text : o.listen) {
        const IpAddress address = capture::parse_raw_listen(text).address;
        if (address.is_none()) continue;
        if (!found.is_none() && found != address)
            throw Error("--mode ipip captures for one address: run it once for each", ExitCode::usage);
        found = address;
    }
    return found;
}

Sources open_interface(const Options& o, const sniff::WorkOptions& w) {
    if (o.interface.empty())
        throw Error(
            "there is nothing to capture on: name an interface with -i (-D lists them) or captures with -r",
            ExitCode::usage);
    capture::InterfaceOptions i;
    i.name = o.interface;
    i.snaplen = o.snaplen;
    i.buffer_octets = ring_octets(o);
    i.is_promiscuous = o.promiscuous && !o.not_promiscuous;
    i.has_nanoseconds = o.nanoseconds;
    if (!o.no_bpf) {
        i.ports = w.ports;
        i.extra_filter = w.capture_filter;
    }
    Sources sources;
    std::optional<int> group;
    for (unsigned n = 0; n < o.workers; ++n) {
        auto source = std::make_unique<capture::InterfaceSource>(i);
        if (o.workers > 1) group = source->join_fanout(group);
        sources.push_back(std::move(source));
    }
    return sources;
}

Sources open_tunnel(const Options& o) {
    capture::IpipOptions i;
    i.address = tunnel_address(o);
    i.interface = o.interface == "any" ? "" : o.interface;
    i.snaplen = o.snaplen;
    i.buffer_octets = static_cast<int>(
        std::min<std::size_t>(cli::parse_size(o.receive_buffer, "--rcvbuf"), std::size_t{1} << 30));
    i.has_nanoseconds = o.nanoseconds;
    Sources sources;
    auto first = std::make_unique<capture::IpipSource>(i);
    for (unsigned n = 1; n < o.workers; ++n) sources.push_back(first->share());
    sources.push_back(std::move(first));
    return sources;
}

std::unique_ptr<capture::Source> open_captures(const Options& o, cli::StderrLog& log,
                                               std::function<void()> before_wait) {
    std::vector<std::string> names = o.read;
    names.insert(names.end(), o.operands.begin(), o.operands.end());
    if (!o.pick.empty()) return sniff::open_picks(sniff::read_picks(o.pick, log), names, log);
    names = cli::input_names(names, {}, "capture files");
    if (!o.write.empty()) cli::refuse_input_as_output(o.write, names);
    capture::StreamOptions stream;
    stream.before_wait = std::move(before_wait);
    return capture::open_files(names, log, stream);
}

ExitCode list_interfaces() {
    Output out(STDOUT_FILENO, "standard output");
    for (const capture::InterfaceInfo& i : capture::list_interfaces()) {
        std::string line = i.name;
        if (!i.addresses.empty()) line += fmt::format(" {}", fmt::join(i.addresses, " "));
        if (!i.description.empty()) line += fmt::format(" ({})", i.description);
        if (!i.is_up) line += " (down)";
        out.append(line + "\n");
    }
    out.close();
    return ExitCode::done;
}

ExitCode run(const Options& o, cli::StderrLog& log) {
    if (o.list_interfaces) return list_interfaces();
    if (!o.import_kamailio.empty()) return cli::print_kamailio_import(o.import_kamailio, log);
    refuse_contradictions(o);
    if (!writes_records(o) && is_stdout(o) && isatty(STDOUT_FILENO) != 0)
        throw Error(
            "packets are nothing for a terminal: -T text prints records, -w NAME or a pipe takes packets",
            ExitCode::usage);
    control::install_signals();

    sniff::ServiceOptions s;
    s.work = work_options(o);
    s.output = output_options(o);
    s.on_close = o.on_close;
    s.user = o.user;
    s.begins_on = o.capture == "on";
    s.identity = {"hepcap-raw", std::string(version)};
    s.control = o.control;
    // Neither files nor an interface: what is piped in; from a terminal nothing comes, and -i is missed.
    const bool reads_files = has_files(o) || (!is_live(o) && isatty(STDIN_FILENO) == 0);
    s.work.filters_here = reads_files || o.mode == "ipip" || o.no_bpf;
    Sources sources;
    if (!reads_files) sources = o.mode == "ipip" ? open_tunnel(o) : open_interface(o, s.work);

    sniff::Service service(std::move(s), log);
    if (reads_files) {
        service.run_files([&](auto before_wait) { return open_captures(o, log, std::move(before_wait)); },
                          [&](std::uint64_t n) { log.progress(n, "packets"); });
    } else {
        service.run_live(std::move(sources));
    }
    service.report();
    if (control::stop_requested()) {
        log.warn("stopped; " + service.counters());
    } else {
        log.inform(service.counters());
    }
    const bool is_empty = o.selection.fail_empty && service.written() == 0 && !log.has_errors();
    return is_empty ? ExitCode::no_match : ExitCode::done;
}

// For --check-config: values that only the work would look at.
void check(const Options& o, cli::StderrLog& log) {
    refuse_contradictions(o);
    const sniff::WorkOptions work = work_options(o);
    if (!work.capture_filter.empty()) capture::BpfFilter(work.capture_filter, log);
    if (o.mode == "ipip") {
        tunnel_address(o);
        cli::parse_size(o.receive_buffer, "--rcvbuf");
    } else {
        ring_octets(o);
    }
    const sniff::OutputOptions output = output_options(o);
    if (!is_stdout(o)) output.rotation.check();
    control::check_user(o.user);
    control::check(o.control);
}

}  // namespace

int main(int argc, char** argv) {
    return cli::run<Options>(
        argc, argv,
        {"hepcap-raw", "Packets of an interface, a tunnel or files, as captures or records",
         "  hepcap-raw -i eth1 --port 5060-5090 -Z nobody | hepcap-decode\n"
         "  hepcap-raw -i eth1 --port 5060 -G 3600 -w sip-%Y%m%d-%H%M%S.pcap.zst\n"
         "  hepcap-raw --mode ipip --listen 192.0.2.1:5060-5090 -T text\n"
         "  hepcap-decode a.pcap -Y 'method == \"BYE\"' | hepcap-raw --pick - -w b.pcap\n"},
        describe, run, check);
}
