// hepcap-report: reports out of records, for hepcap-load.

#include <fmt/core.h>
#include <unistd.h>

#include <optional>

#include "base/output.hpp"
#include "cli/app.hpp"
#include "control/signals.hpp"
#include "load/input_file.hpp"
#include "load/inputs.hpp"
#include "record/ndjson_reader.hpp"
#include "record/ndjson_writer.hpp"
#include "report/capture.hpp"
#include "select/filter.hpp"
#include "select/table_name.hpp"

namespace {

using namespace hepcap;

struct Options {
    std::vector<std::string> words;
    std::vector<std::string> read;
    cli::SelectionOptions selection;
    std::string table;
    std::string cid;
    std::string data;
    bool flush_each = false;
};

void describe(CLI::App& app, Options& o) {
    app.add_option("report", o.words, "The report, capture, and files of records")->type_name("REPORT");
    cli::repeatable(
        app.add_option("-r,--read", o.read,
                       "Read records from FILE; - is standard input; several are read one after the other"))
        ->type_name("FILE")
        ->group(cli::group::input);
    cli::add_selection_options(app, o.selection);
    app.add_option("--table", o.table, "Table that hepcap-load is to store the reports in [report_capture]")
        ->type_name("NAME")
        ->group(cli::group::output);
    app.add_option("--cid", o.cid,
                   "Key of the record, or data.KEY of its data, that joins a report to its call")
        ->type_name("FIELD")
        ->group(cli::group::output);
    app.add_option("--data", o.data, "JSON object to store in place of the message, merged with its data")
        ->type_name("JSON")
        ->group(cli::group::output);
    app.add_flag("-l,--flush", o.flush_each, "Write each record at once")->group(cli::group::output);
}

report::CaptureOptions capture_options(const Options& o) {
    if (!o.table.empty()) select::TableName{o.table};
    return {.table = o.table, .cid = o.cid, .data = o.data};
}

class Capturing {
public:
    Capturing(const Options& o, cli::StderrLog& log)
        : options_(o), log_(log), capture_(capture_options(o)), out_(STDOUT_FILENO, "standard output") {
        if (!o.selection.filter.empty()) filter_ = select::Filter::parse(o.selection.filter);
    }

    ExitCode run(const std::vector<std::string>& names) {
        for (const std::string& name : names) {
            if (is_done()) break;
            read(name, names.size() > 1 ? fmt::format("'{}' ", name) : "");
        }
        out_.close();
        if (refused_ > most_named)
            log_.error(fmt::format("{} more lines are no records either", refused_ - most_named));
        if (control::stop_requested()) {
            log_.warn("stopped; " + counters());
        } else {
            log_.inform(counters());
        }
        return options_.selection.fail_empty && reports_ == 0 && !log_.has_errors() ? ExitCode::no_match
                                                                                    : ExitCode::done;
    }

private:
    static constexpr std::uint64_t most_named = 10;

    bool is_done() const {
        return control::stop_requested() ||
               (options_.selection.count > 0 && reports_ == options_.selection.count);
    }

    void read(const std::string& name, const std::string& prefix) {
        std::optional<load::InputFile> file;
        std::optional<record::NdjsonReader> reader;
        try {
            file.emplace(name);
            reader.emplace(file->lines([this] { return before_wait(); }, false));
        } catch (const Error& e) {
            log_.error(e.what());
            return;
        }
        record::Record record;
        while (!is_done()) {
            const auto got = reader->next(record);
            if (!got) {
                if (const std::string_view form = reader->foreign_form(); !form.empty()) {
                    log_.error(fmt::format("'{}' is {}, not records; hepcap-decode makes records",
                                           file->shown(), form));
                    return;
                }
                if (++refused_ <= most_named) log_.error(prefix + record::describe(got.error()));
            } else if (!*got) {
                return;
            } else {
                take(record);
            }
        }
    }

    void take(const record::Record& record) {
        log_.progress(++records_, "records");
        if (filter_ && !filter_->matches(record)) return;
        const record::Record* const report = capture_.make(record);
        if (report == nullptr) {
            if (record.kind != record::kind::eof) ++without_;
            return;
        }
        record::append_ndjson(out_, *report, record::all_fields);
        if (options_.flush_each) out_.flush();
        ++reports_;
    }

    // A record is never held back while the input is waited for.
    int before_wait() {
        out_.flush();
        if (control::take_report_request()) log_.warn(counters());
        return control::stop_requested() ? record::LineReader::stop : record::LineReader::forever;
    }

    std::string counters() const {
        return fmt::format("{} records, {} reports, {} records without a report left out", records_, reports_,
                           without_);
    }

    const Options& options_;
    cli::StderrLog& log_;
    report::Capture capture_;
    std::optional<select::Filter> filter_;
    Output out_;
    std::uint64_t records_ = 0;
    std::uint64_t reports_ = 0;
    std::uint64_t without_ = 0;
    std::uint64_t refused_ = 0;
};

// The operands behind the name of the report.
std::vector<std::string> files_of(const Options& o) {
    if (o.words.empty() || o.words.front() != "capture") {
        throw Error(o.words.empty() ? "there is nothing to report: name the report, capture"
                                    : fmt::format("there is no report '{}'; the one there is is capture",
                                                  o.words.front()),
                    ExitCode::usage);
    }
    return {o.words.begin() + 1, o.words.end()};
}

ExitCode run(const Options& o, cli::StderrLog& log) {
    const std::vector<std::string> operands = files_of(o);
    Capturing capturing(o, log);
    const std::vector<std::string> names =
        load::expand_inputs(cli::input_names(o.read, operands, "files of records"));
    control::install_signals();
    return capturing.run(names);
}

// For --check-config: values that only the work would look at.
void check(const Options& o, cli::StderrLog&) {
    report::Capture capture(capture_options(o));
    if (!o.selection.filter.empty()) select::Filter::parse(o.selection.filter);
}

}  // namespace

int main(int argc, char** argv) {
    return cli::run<Options>(argc, argv,
                             {"hepcap-report", "Reports on the quality of calls, out of records",
                              "  hepcap-decode -r trace.pcap | hepcap-report capture | hepcap-load\n"
                              "  hepcap-report capture -r records.ndjson --data '{\"site\": \"north\"}'\n"
                              "  hepcap-report capture -r records.ndjson --cid data.RTP_SIP_CALL_ID\n",
                              "capture [OPTION]... [FILE]..."},
                             describe, run, check);
}
