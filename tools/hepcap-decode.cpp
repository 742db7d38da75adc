// hepcap-decode: capture files or a capture stream in, one record a line out.

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <optional>

#include "capture/bpf_filter.hpp"
#include "capture/merged_source.hpp"
#include "cli/app.hpp"
#include "control/signals.hpp"
#include "dissect/dissect.hpp"
#include "hep/decode.hpp"
#include "hep/from_datagram.hpp"
#include "record/from_hep.hpp"
#include "record/record_writer.hpp"
#include "record/schema.hpp"
#include "select/filter.hpp"
#include "sip/parse.hpp"

namespace {

using namespace hepcap;

struct Options {
    std::vector<std::string> read;
    std::vector<std::string> operands;
    std::string capture_filter;
    std::string capture_filter_file;
    cli::SelectionOptions selection;
    std::string form = "ndjson";
    std::vector<std::string> fields;
    bool headers = false;
    bool no_msg = false;
    bool flush_each = false;
    bool eof_record = false;
    std::string rejects;
    bool schema = false;
    std::string node = "homer01";
    std::string aleg_header = "X-CID";
    std::vector<std::string> custom_headers;
    std::string ts_from = "hep";
    std::string topoh_key_file;
    std::string topoh_prefix{sip::Topoh::default_call_id_prefix};
};

void describe(CLI::App& app, Options& o) {
    cli::repeatable(
        app.add_option("-r,--read", o.read,
                       "Read a capture, pcap or pcapng, plain or compressed by gzip or zstd; - is standard "
                       "input; several are merged by time"))
        ->type_name("CAPTURE")
        ->group(cli::group::input);
    app.add_option("capture", o.operands, "Capture files")->type_name("CAPTURE");
    app.add_option("-f,--capture-filter", o.capture_filter,
                   "Only packets that this BPF expression (pcap-filter(7)) passes")
        ->type_name("EXPR")
        ->group(cli::group::input);
    app.add_option("-F,--capture-filter-file", o.capture_filter_file, "The same, read from a file")
        ->type_name("FILE")
        ->group(cli::group::input);
    app.add_option("--ts-from", o.ts_from, "Whose clock counts: the one in the HEP message, or the packet's")
        ->type_name("hep|packet")
        ->check(cli::one_of({"hep", "packet"}))
        ->capture_default_str()
        ->group(cli::group::input);

    cli::add_selection_options(app, o.selection);

    app.add_option("-T,--type", o.form, "Form of the output")
        ->type_name("ndjson|text|csv")
        ->check(cli::one_of({"ndjson", "text", "csv"}))
        ->capture_default_str()
        ->group(cli::group::output);
    cli::repeatable(app.add_option("--fields", o.fields, "Only these keys"))
        ->type_name("KEY,KEY...")
        ->delimiter(',')
        ->group(cli::group::output);
    app.add_flag("--headers", o.headers, "Add all headers as an array of [name, value]")
        ->group(cli::group::output);
    app.add_flag("--no-msg", o.no_msg, "Leave the payload out")->group(cli::group::output);
    app.add_flag("-l,--flush", o.flush_each, "Write each record at once")->group(cli::group::output);
    app.add_flag("--eof-record", o.eof_record, "End with a record of kind eof that counts what came before")
        ->group(cli::group::output);
    app.add_option("--rejects", o.rejects, "Keep malformed packets, as records of kind packet, in FILE")
        ->type_name("FILE")
        ->group(cli::group::output);
    app.add_flag("--schema", o.schema, "Print the JSON Schema of a record and exit")
        ->configurable(false)
        ->group(cli::group::output);
    app.add_option("--node", o.node, "Name of the capture node")
        ->type_name("NAME")
        ->capture_default_str()
        ->group(cli::group::output);
    app.add_option("--aleg-header", o.aleg_header,
                   "Headers with the Call-ID of the other leg; the first that a message has counts")
        ->type_name("NAME;NAME...")
        ->capture_default_str()
        ->group(cli::group::output);
    cli::repeatable(app.add_option("--custom-header", o.custom_headers,
                                   "Header for custom_field1, 2, 3, as often as three times [Mac, IP, Port]"))
        ->type_name("NAME")
        ->group(cli::group::output);
    app.add_option("--topoh-key-file", o.topoh_key_file,
                   "Take the masks of Kamailio's topoh off, with the mask_key in FILE")
        ->type_name("FILE")
        ->group(cli::group::output);
    app.add_option("--topoh-prefix", o.topoh_prefix, "Prefix of masked Call-IDs (callid_prefix)")
        ->type_name("TEXT")
        ->capture_default_str()
        ->group(cli::group::output);
}

record::WriterOptions writer_options(const Options& o) {
    record::WriterOptions w;
    w.form = o.form == "csv"    ? record::Form::csv
             : o.form == "text" ? record::Form::text
                                : record::Form::ndjson;
    w.keys = record::parse_field_list(o.fields);
    w.without_msg = o.no_msg;
    w.flush_each = o.flush_each;
    return w;
}

record::BuilderOptions builder_options(const Options& o) {
    record::BuilderOptions b;
    b.node = o.node;
    b.with_headers = o.headers || std::find(o.fields.begin(), o.fields.end(), "headers") != o.fields.end();
    if (o.custom_headers.size() > 3)
        throw Error("--custom-header can be given three times at most", ExitCode::usage);
    b.header_names =
        sip::HeaderNames(cli::split_list(o.aleg_header, ';'),
                         o.custom_headers.empty() ? sip::HeaderNames().custom() : o.custom_headers);
    if (!o.topoh_key_file.empty()) {
        b.topoh.emplace(cli::read_small_file(o.topoh_key_file, "topoh key file"), o.topoh_prefix);
    }
    return b;
}

// What came in and what became of it.
struct Tally {
    std::uint64_t packets = 0;
    std::uint64_t records = 0;  // that matched and were written
    std::uint64_t other_payload = 0;
    std::uint64_t filtered = 0;  // packets that -f left out
    std::array<std::uint64_t, static_cast<std::size_t>(dissect::Verdict::count_)> verdicts{};
    std::array<std::uint64_t, static_cast<std::size_t>(hep::Refusal::count_)> refusals{};

    std::uint64_t damaged() const {
        std::uint64_t sum = std::accumulate(refusals.begin(), refusals.end(), std::uint64_t{0});
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            if (dissect::is_malformed(static_cast<dissect::Verdict>(i))) sum += verdicts[i];
        }
        return sum;
    }
};

// VXLAN, Geneve, GTP-U and TZSP travel in UDP: SIP inside them must not be passed over in silence.
bool is_tunnel_port(std::uint16_t port) {
    return port == 4789 || port == 6081 || port == 2152 || port == 37008;
}

class Decoding {
public:
    Decoding(const Options& o, cli::StderrLog& log)
        : options_(o),
          log_(log),
          builder_(builder_options(o)),
          out_(STDOUT_FILENO, "standard output"),
          writer_(out_, writer_options(o)) {
        if (!o.selection.filter.empty()) filter_ = select::Filter::parse(o.selection.filter);
        if (!o.rejects.empty()) rejects_ = std::make_unique<Output>(o.rejects);
        if (!o.capture_filter.empty())
            capture_filter_ = std::make_unique<capture::BpfFilter>(o.capture_filter, log);
        if (!o.capture_filter_file.empty()) {
            capture_filter_ = std::make_unique<capture::BpfFilter>(
                cli::read_small_file(o.capture_filter_file, "filter file"), log);
        }
    }

    ExitCode run(const std::vector<std::string>& names) {
        capture::StreamOptions stream;
        stream.before_wait = [this] { before_wait(); };
        const auto source = capture::open_files(names, log_, stream);
        try {
            capture::Packet packet;
            while (!is_done() && source->next(packet)) decode(packet);
        } catch (const control::Stopped&) {
            // Nothing more is wanted of the input; what was read of it is written.
        }
        if (options_.eof_record) write_eof(source->damaged_inputs());
        out_.close();
        if (rejects_) rejects_->close();
        report();
        return options_.selection.fail_empty && tally_.records == 0 && !log_.has_errors() ? ExitCode::no_match
                                                                                          : ExitCode::done;
    }

private:
    bool is_done() const {
        return control::stop_requested() ||
               (options_.selection.count > 0 && tally_.records == options_.selection.count);
    }

    // A record is never held back while the input is waited for.
    void before_wait() {
        out_.flush();
        if (rejects_) rejects_->flush();
        if (control::take_report_request()) log_.warn(counters());
        if (control::stop_requested()) throw control::Stopped{};
    }

    void decode(const capture::Packet& packet) {
        log_.progress(++tally_.packets, "packets");
        if (capture_filter_ && !capture_filter_->matches(packet)) {
            ++tally_.filtered;
            return;
        }
        const dissect::Verdict verdict = dissect::dissect(packet, datagram_);
        ++tally_.verdicts[static_cast<std::size_t>(verdict)];
        if (verdict != dissect::Verdict::datagram) {
            if (dissect::is_malformed(verdict)) reject(packet, dissect::verdict_name(verdict));
        } else if (hep::looks_like_hep(datagram_.payload)) {
            decode_hep(packet);
        } else if (sip::is_sip(as_text(datagram_.payload))) {
            hep::from_datagram(datagram_, message_);
            write();
        } else if (is_tunnel_port(datagram_.destination.port)) {
            ++tally_.verdicts[static_cast<std::size_t>(dissect::Verdict::tunnel_not_decoded)];
        } else {
            ++tally_.other_payload;
        }
    }

    void decode_hep(const capture::Packet& packet) {
        for (Bytes rest = datagram_.payload; !rest.empty() && !is_done();) {
            const auto used = hep_decoder_.decode(rest, datagram_, message_);
            if (!used) {
                ++tally_.refusals[static_cast<std::size_t>(used.error())];
                reject(packet, hep::refusal_name(used.error()));
                return;
            }
            if (options_.ts_from == "packet") message_.time = datagram_.time;
            write();
            rest = rest.subspan(*used);
        }
    }

    void write() {
        const record::Record& r = builder_.build(message_);
        if (filter_ && !filter_->matches(r)) return;
        writer_.write(r);
        ++tally_.records;
    }

    void reject(const capture::Packet& packet, std::string_view cause) {
        if (!rejects_) return;
        record::append_ndjson(*rejects_, builder_.build_reject(packet, cause), record::all_fields);
    }

    void write_eof(std::uint64_t damaged_inputs) {
        record::Record eof;
        eof.v = 1;
        eof.kind = record::kind::eof;
        eof.records = tally_.records;
        eof.damaged = tally_.damaged();
        eof.dropped = 0;
        eof.gaps = damaged_inputs;
        record::append_ndjson(out_, eof, record::all_fields);
    }

    // What was left out is said even without -v where it may have been SIP.
    void report() const {
        const std::string damaged = list_counts(true);
        if (!damaged.empty()) {
            log_.warn(fmt::format(
                "malformed and left out: {}{}", damaged,
                rejects_ ? fmt::format("; kept in '{}'", options_.rejects) : "; --rejects FILE keeps them"));
        }
        const std::string undecoded = list_counts(false);
        if (!undecoded.empty()) log_.warn(fmt::format("not decoded: {}", undecoded));
        if (control::stop_requested()) {
            log_.warn("stopped; " + counters());
        } else {
            log_.inform(counters());
        }
    }

    std::string counters() const {
        return fmt::format("{} packets, {} records, {} without SIP or HEP, {} not passed by -f",
                           tally_.packets, tally_.records, tally_.other_payload, tally_.filtered);
    }

    // "3 tcp-segment, 1 ip-fragment": what was malformed, or what this version cannot take apart.
    std::string list_counts(bool malformed) const {
        std::vector<std::string> parts;
        for (std::size_t i = 0; i < tally_.verdicts.size(); ++i) {
            const auto verdict = static_cast<dissect::Verdict>(i);
            const bool is_wanted =
                malformed ? dissect::is_malformed(verdict) : dissect::is_undecoded(verdict);
            if (is_wanted && tally_.verdicts[i] > 0) {
                parts.push_back(fmt::format("{} {}", tally_.verdicts[i], dissect::verdict_name(verdict)));
            }
        }
        for (std::size_t i = 0; malformed && i < tally_.refusals.size(); ++i) {
            if (tally_.refusals[i] == 0) continue;
            parts.push_back(fmt::format("{} HEP {}", tally_.refusals[i],
                                        hep::refusal_name(static_cast<hep::Refusal>(i))));
        }
        return fmt::format("{}", fmt::join(parts, ", "));
    }

    const Options& options_;
    cli::StderrLog& log_;
    record::RecordBuilder builder_;
    Output out_;
    record::RecordWriter writer_;
    std::optional<select::Filter> filter_;
    std::unique_ptr<Output> rejects_;
    std::unique_ptr<capture::BpfFilter> capture_filter_;
    capture::Datagram datagram_;
    hep::Decoder hep_decoder_;
    hep::Message message_;
    Tally tally_;
};

ExitCode decode(const Options& o, cli::StderrLog& log) {
    if (o.schema) {
        Output out(STDOUT_FILENO, "standard output");
        out.append(record::json_schema());
        out.close();
        return ExitCode::done;
    }
    if (o.eof_record && o.form != "ndjson") {
        throw Error("--eof-record is a record of -T ndjson; leave it out with -T " + o.form, ExitCode::usage);
    }
    const std::vector<std::string> names = cli::input_names(o.read, o.operands, "capture files");
    if (!o.rejects.empty()) cli::refuse_input_as_output(o.rejects, names);
    control::install_signals();
    return Decoding(o, log).run(names);
}

}  // namespace

int main(int argc, char** argv) {
    return cli::run<Options>(argc, argv,
                             {"hepcap-decode", "SIP and HEP in captures as records, a JSON object a line",
                              "  hepcap-decode -r trace.pcap | jq .callid\n"
                              "  hepcap-decode -r trace.pcap -Y 'method == \"INVITE\"' -T text\n"
                              "  hepcap-decode -r trace.pcap | hepcap-load --db sqlite:calls.db\n"},
                             describe, decode);
}
