// hepcap-decode: capture files or a capture stream in, one record a line out.

#include <fmt/core.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "capture/bpf_filter.hpp"
#include "capture/merged_source.hpp"
#include "cli/app.hpp"
#include "cli/record_options.hpp"
#include "control/signals.hpp"
#include "decode/packet_decoder.hpp"
#include "record/schema.hpp"
#include "select/filter.hpp"

namespace {

using namespace hepcap;

struct Options {
    std::vector<std::string> read;
    std::vector<std::string> operands;
    cli::CaptureFilterOptions capture_filter;
    cli::SelectionOptions selection;
    cli::RecordOptions records;
    bool eof_record = false;
    std::string rejects;
    bool schema = false;
    std::string ts_from = "hep";
};

void describe(CLI::App& app, Options& o) {
    cli::repeatable(
        app.add_option("-r,--read", o.read,
                       "Read a capture, pcap or pcapng, plain or compressed by gzip or zstd; - is standard "
                       "input; several are merged by time"))
        ->type_name("CAPTURE")
        ->group(cli::group::input);
    app.add_option("capture", o.operands, "Capture files")->type_name("CAPTURE");
    cli::add_capture_filter_options(app, o.capture_filter);
    app.add_option("--ts-from", o.ts_from, "Whose clock counts: the one in the HEP message, or the packet's")
        ->type_name("hep|packet")
        ->check(cli::one_of({"hep", "packet"}))
        ->capture_default_str()
        ->group(cli::group::input);

    cli::add_selection_options(app, o.selection);

    cli::add_form_options(app, o.records);
    app.add_flag("--eof-record", o.eof_record, "End with a record of kind eof that counts what came before")
        ->group(cli::group::output);
    app.add_option("--rejects", o.rejects, "Keep malformed packets, as records of kind packet, in FILE")
        ->type_name("FILE")
        ->group(cli::group::output);
    app.add_flag("--schema", o.schema, "Print the JSON Schema of a record and exit")
        ->configurable(false)
        ->group(cli::group::output);
    cli::add_content_options(app, o.records);
}

// Of -f and -F the file's counts; both have to be sound.
std::unique_ptr<capture::BpfFilter> compile_filter(const cli::CaptureFilterOptions& o, Log& log) {
    std::unique_ptr<capture::BpfFilter> filter;
    if (!o.expression.empty()) filter = std::make_unique<capture::BpfFilter>(o.expression, log);
    if (!o.file.empty()) {
        filter = std::make_unique<capture::BpfFilter>(cli::read_small_file(o.file, "filter file"), log);
    }
    return filter;
}

class Decoding {
public:
    Decoding(const Options& o, cli::StderrLog& log)
        : options_(o),
          log_(log),
          decoder_(cli::builder_options(o.records),
                   o.ts_from == "packet" ? decode::TimeFrom::packet : decode::TimeFrom::hep),
          out_(STDOUT_FILENO, "standard output"),
          writer_(out_, cli::writer_options(o.records)) {
        if (!o.selection.filter.empty()) filter_ = select::Filter::parse(o.selection.filter);
        if (!o.rejects.empty()) rejects_ = std::make_unique<Output>(o.rejects);
        capture_filter_ = compile_filter(o.capture_filter, log);
    }

    ExitCode run(const std::vector<std::string>& names) {
        capture::StreamOptions stream;
        stream.before_wait = [this] { before_wait(); };
        const auto source = capture::open_files(names, log_, stream);
        try {
            capture::Packet packet;
            while (!is_done() && source->next(packet)) take(packet);
        } catch (const control::Stopped&) {
            // Nothing more is wanted of the input; what was read of it is written.
        }
        if (options_.eof_record) write_eof(source->damaged_inputs());
        out_.close();
        if (rejects_) rejects_->close();
        report();
        return options_.selection.fail_empty && records_ == 0 && !log_.has_errors() ? ExitCode::no_match
                                                                                    : ExitCode::done;
    }

private:
    bool is_done() const {
        return control::stop_requested() ||
               (options_.selection.count > 0 && records_ == options_.selection.count);
    }

    // A record is never held back while the input is waited for.
    void before_wait() {
        out_.flush();
        if (rejects_) rejects_->flush();
        if (control::take_report_request()) log_.warn(counters());
        if (control::stop_requested()) throw control::Stopped{};
    }

    void take(const capture::Packet& packet) {
        log_.progress(++packets_, "packets");
        if (capture_filter_ && !capture_filter_->matches(packet)) {
            ++filtered_;
            return;
        }
        decoder_.start(packet);
        while (!is_done()) {
            const record::Record* const r = decoder_.next();
            if (!r) break;
            if (filter_ && !filter_->matches(*r)) continue;
            writer_.write(*r);
            ++records_;
        }
        if (rejects_ && !decoder_.reject_cause().empty()) {
            record::append_ndjson(*rejects_, decoder_.build_reject(), record::all_fields);
        }
    }

    void write_eof(std::uint64_t damaged_inputs) {
        record::Record eof;
        eof.v = 1;
        eof.kind = record::kind::eof;
        eof.records = records_;
        eof.damaged = decoder_.tally().damaged();
        eof.dropped = 0;
        eof.gaps = damaged_inputs;
        record::append_ndjson(out_, eof, record::all_fields);
    }

    // What was left out is said even without -v where it may have been SIP.
    void report() const {
        const std::string damaged = decoder_.tally().malformed_text();
        if (!damaged.empty()) {
            log_.warn(fmt::format(
                "malformed and left out: {}{}", damaged,
                rejects_ ? fmt::format("; kept in '{}'", options_.rejects) : "; --rejects FILE keeps them"));
        }
        const std::string undecoded = decoder_.tally().undecoded_text();
        if (!undecoded.empty()) log_.warn(fmt::format("not decoded: {}", undecoded));
        if (control::stop_requested()) {
            log_.warn("stopped; " + counters());
        } else {
            log_.inform(counters());
        }
    }

    std::string counters() const {
        return fmt::format("{} packets, {} records, {} without SIP or HEP, {} not passed by -f", packets_,
                           records_, decoder_.tally().other_payload, filtered_);
    }

    const Options& options_;
    cli::StderrLog& log_;
    decode::PacketDecoder decoder_;
    Output out_;
    record::RecordWriter writer_;
    std::optional<select::Filter> filter_;
    std::unique_ptr<Output> rejects_;
    std::unique_ptr<capture::BpfFilter> capture_filter_;
    std::uint64_t packets_ = 0;
    std::uint64_t records_ = 0;   // that matched and were written
    std::uint64_t filtered_ = 0;  // packets that -f left out
};

ExitCode run(const Options& o, cli::StderrLog& log) {
    if (o.schema) {
        Output out(STDOUT_FILENO, "standard output");
        out.append(record::json_schema());
        out.close();
        return ExitCode::done;
    }
    if (o.eof_record && o.records.form != "ndjson") {
        throw Error("--eof-record is a record of -T ndjson; leave it out with -T " + o.records.form,
                    ExitCode::usage);
    }
    const std::vector<std::string> names = cli::input_names(o.read, o.operands, "capture files");
    if (!o.rejects.empty()) cli::refuse_input_as_output(o.rejects, names);
    control::install_signals();
    return Decoding(o, log).run(names);
}

// For --check-config: values that only the work would look at.
void check(const Options& o, cli::StderrLog& log) {
    cli::writer_options(o.records);
    cli::builder_options(o.records);
    if (!o.selection.filter.empty()) select::Filter::parse(o.selection.filter);
    compile_filter(o.capture_filter, log);
}

}  // namespace

int main(int argc, char** argv) {
    return cli::run<Options>(argc, argv,
                             {"hepcap-decode", "SIP and HEP in captures as records, a JSON object a line",
                              "  hepcap-decode -r trace.pcap | jq .callid\n"
                              "  hepcap-decode -r trace.pcap -Y 'method == \"INVITE\"' -T text\n"
                              "  hepcap-decode -r trace.pcap | hepcap-load --db sqlite:calls.db\n"},
                             describe, run, check);
}
