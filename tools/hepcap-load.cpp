// hepcap-load: records in, one a line; rows in the tables of a database out.

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <memory>

#include "base/output.hpp"
#include "cli/app.hpp"
#include "cli/import_kamailio.hpp"
#include "control/signals.hpp"
#include "load/loader.hpp"
#include "record/ndjson_reader.hpp"
#include "select/capture_mode.hpp"
#include "select/filter.hpp"
#include "select/route.hpp"
#include "sink/sink.hpp"

namespace {

using namespace hepcap;
using std::chrono::milliseconds;

struct Options {
    std::vector<std::string> read;
    std::vector<std::string> operands;
    cli::SelectionOptions selection;
    bool require_eof = false;
    std::string rejects;
    std::string db;
    std::string db_url_file;
    std::string schema = "sipcapture";
    bool create = true;
    std::string insert_mode = "sync";
    std::uint64_t batch = sink::SinkOptions{}.batch;
    std::uint64_t flush_ms = 1'000;
    bool dry_run = false;
    std::string table;
    std::vector<std::string> routes;
    std::string mt_mode = "rand";
    std::string hash_source = "call_id";
    std::vector<std::string> capture_modes;
    std::string mode;
    std::string import_kamailio;
};

void describe(CLI::App& app, Options& o) {
    cli::repeatable(
        app.add_option("-r,--read", o.read,
                       "Read records from FILE; - is standard input; several are read one after the other"))
        ->type_name("FILE")
        ->group(cli::group::input);
    app.add_option("records", o.operands, "Files of records")->type_name("FILE");
    app.add_flag("--require-eof", o.require_eof,
                 "Fail unless the records end with one of kind eof that counts them all")
        ->group(cli::group::input);
    app.add_option("--rejects", o.rejects, "Keep lines that are no records in FILE")
        ->type_name("FILE")
        ->group(cli::group::input);

    cli::add_selection_options(app, o.selection);
    cli::add_import_option(app, o.import_kamailio);

    CLI::Option* const db = app.add_option("--db", o.db, "Database to fill, e.g. sqlite:PATH")
                                ->type_name("URL")
                                ->default_str("sqlite:hepcap.db")
                                ->group(cli::group::database);
    CLI::Option* const db_url_file =
        app.add_option("--db-url-file", o.db_url_file,
                       "Read the URL from FILE, so that no password is an argument")
            ->type_name("FILE")
            ->excludes(db)
            ->group(cli::group::database);
    app.add_option("--schema", o.schema,
                   "The tables of Kamailio's sipcapture module, or one with a column for each key")
        ->type_name("sipcapture|record")
        ->check(cli::one_of({"sipcapture", "record"}))
        ->capture_default_str()
        ->group(cli::group::database);
    app.add_flag("--create,!--no-create", o.create, "Make the database and the tables that are missing")
        ->default_str("true")
        ->group(cli::group::database);
    app.add_option("--insert-mode", o.insert_mode,
                   "As the module's db_insert_mode 0, 1, 2; a database without it inserts plainly")
        ->type_name("sync|delayed|async")
        ->check(cli::one_of({"sync", "delayed", "async", "0", "1", "2"}))
        ->capture_default_str()
        ->group(cli::group::database);
    app.add_option("--batch", o.batch, "Rows in one transaction")
        ->type_name("N")
        ->check(cli::between(1, 10'000'000))
        ->capture_default_str()
        ->group(cli::group::database);
    app.add_option("--flush-ms", o.flush_ms,
                   "Milliseconds after which a transaction is committed, full or not")
        ->type_name("N")
        ->check(cli::between(1, 3'600'000))
        ->capture_default_str()
        ->group(cli::group::database);
    app.add_flag("--dry-run", o.dry_run, "Do everything but touch the database")->group(cli::group::database);

    CLI::Option* const table =
        app.add_option("--table", o.table,
                       "Table, or several separated by |; names may follow the record's time with strftime "
                       "codes [sip_capture]")
            ->type_name("NAME|NAME...")
            ->group(cli::group::tables);
    cli::repeatable(app.add_option("--route", o.routes,
                                   "Records that match EXPR go to TABLE; the first that matches counts"))
        ->type_name("EXPR=>TABLE")
        ->group(cli::group::tables);
    app.add_option("--mt-mode", o.mt_mode, "How one of several tables is chosen")
        ->type_name("rand|round_robin|hash")
        ->capture_default_str()
        ->group(cli::group::tables);
    app.add_option("--hash-source", o.hash_source, "What is hashed")
        ->type_name("call_id|from_user|to_user")
        ->capture_default_str()
        ->group(cli::group::tables);
    cli::repeatable(app.add_option("--capture-mode", o.capture_modes,
                                   "Define a destination: 'NAME=>db_url=...;table_name=...;mt_mode=...'"))
        ->type_name("MODE")
        ->group(cli::group::tables);
    app.add_option("--mode", o.mode, "Load into the destination of that name")
        ->type_name("NAME")
        ->excludes(db, db_url_file, table)
        ->group(cli::group::tables);
}

// Where records go, whether the options or a capture mode said so.
struct Destination {
    std::string url;
    std::string tables;
    select::MultiTableMode mode;
    select::HashSource hash_source;
};

std::string database_url(const Options& o) {
    if (!o.db.empty()) return o.db;
    if (!o.db_url_file.empty()) return cli::read_small_file(o.db_url_file, "file of the database URL");
    return "sqlite:hepcap.db";
}

Destination destination(const Options& o) {
    std::vector<select::CaptureMode> modes;
    for (const std::string& definition : o.capture_modes)
        modes.push_back(select::parse_capture_mode(definition));
    if (!o.mode.empty()) {
        const select::CaptureMode& m = select::find_capture_mode(modes, o.mode);
        return {m.db_url, m.tables, m.mode, m.hash_source};
    }
    if (!modes.empty() && o.db.empty() && o.db_url_file.empty() && o.table.empty()) {
        throw Error(fmt::format("--capture-mode defines '{}', but nothing loads into it; name it with --mode",
                                modes.front().name),
                    ExitCode::usage);
    }
    const sink::Schema schema = *sink::schema_from_name(o.schema);
    const std::string_view table = o.table.empty() ? sink::default_table(schema, record::kind::sip) : o.table;
    return {database_url(o), std::string(table), select::parse_multi_table_mode(o.mt_mode, "--mt-mode"),
            select::parse_hash_source(o.hash_source, "--hash-source")};
}

select::Router make_router(const Options& o, const Destination& d) {
    std::vector<select::Route> routes;
    for (const std::string& route : o.routes)
        routes.push_back(select::parse_route(route, d.mode, d.hash_source));
    return {std::move(routes), select::TableSelector(d.tables, d.mode, d.hash_source)};
}

sink::SinkOptions sink_options(const Options& o) {
    sink::SinkOptions s;
    s.schema = *sink::schema_from_name(o.schema);
    s.insert_mode = *sink::insert_mode_from_name(o.insert_mode);
    s.create = o.create;
    s.batch = o.batch;
    s.flush_after = milliseconds(o.flush_ms);
    s.dry_run = o.dry_run;
    return s;
}

class File {
public:
    explicit File(const std::string& name)
        : fd_(name == "-" ? STDIN_FILENO : open(name.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (fd_ < 0) throw Error(fmt::format("cannot open '{}': {}", name, errno_text(errno)));
    }
    ~File() {
        if (fd_ != STDIN_FILENO) close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int fd() const { return fd_; }

private:
    int fd_;
};

// Every line of an input that is something else is no record; one sentence says it better than one for
// each.
std::string foreign_sentence(const std::string& shown, std::string_view form) {
    const std::string quoted = shown == "standard input" ? shown : "'" + shown + "'";
    const std::string file = shown == "standard input" ? "FILE" : shown;
    if (form.starts_with("compressed")) {
        return fmt::format(
            "{} is {}; a capture is decoded first: hepcap-decode -r {} | hepcap-load; "
            "records are decompressed first: {} {} | hepcap-load",
            quoted, form, file, form.ends_with("gzip") ? "zcat" : "zstdcat", file);
    }
    if (form.ends_with("capture"))
        return fmt::format("{} is {}, not records; decode it first: hepcap-decode -r {} | hepcap-load",
                           quoted, form, file);
    return fmt::format("{} is {}, not records; hepcap-load --db names what is to be filled", quoted, form);
}

// The way of the inputs into the loader, and of signals.
class Feeding {
public:
    Feeding(const Options& o, load::Loader& loader, cli::StderrLog& log)
        : count_(o.selection.count), loader_(loader), log_(log) {}

    bool is_done() const { return control::stop_requested() || (count_ > 0 && loader_.records() == count_); }

    void read(const std::string& name, const std::string& prefix) {
        // A file that cannot be opened is one error; the others are loaded all the same.
        const std::string shown = name == "-" ? "standard input" : name;
        std::unique_ptr<File> file;
        std::unique_ptr<record::NdjsonReader> reader;
        try {
            file = std::make_unique<File>(name);
            reader = std::make_unique<record::NdjsonReader>(
                record::LineReader(file->fd(), shown, [this] { return before_wait(); }));
        } catch (const Error& e) {
            log_.error(e.what());
            return;
        }
        record::Record record;
        while (!is_done()) {
            const auto got = reader->next(record);
            if (!got) {
                if (const std::string_view form = reader->foreign_form(); !form.empty()) {
                    log_.error(foreign_sentence(shown, form));
                    break;
                }
                loader_.refuse(got.error(), prefix);
            } else if (!*got) {
                break;
            } else {
                loader_.take(record);
                log_.progress(loader_.records(), "records");
            }
            answer_signals();
        }
    }

private:
    void answer_signals() {
        if (control::take_report_request()) log_.warn(loader_.counters());
        if (control::take_reopen_request()) loader_.reopen_rejects();
    }

    int before_wait() {
        answer_signals();
        if (control::stop_requested()) return record::LineReader::stop;
        const auto limit = loader_.rest();
        return limit ? static_cast<int>(limit->count()) : record::LineReader::forever;
    }

    std::uint64_t count_;
    load::Loader& loader_;
    cli::StderrLog& log_;
};

load::LoaderOptions loader_options(const Options& o, const Destination& d) {
    load::LoaderOptions l;
    l.url = d.url;
    l.sink = sink_options(o);
    if (!o.selection.filter.empty()) l.filter = select::Filter::parse(o.selection.filter);
    l.require_eof = o.require_eof;
    l.rejects = o.rejects;
    return l;
}

ExitCode load_records(const Options& o, cli::StderrLog& log) {
    if (!o.import_kamailio.empty()) return cli::print_kamailio_import(o.import_kamailio, log);
    const std::vector<std::string> names = cli::input_names(o.read, o.operands, "files of records");
    if (!o.rejects.empty()) cli::refuse_input_as_output(o.rejects, names);
    const Destination d = destination(o);
    control::install_signals();
    load::Loader loader(loader_options(o, d), make_router(o, d), log);
    Feeding feeding(o, loader, log);
    for (const std::string& name : names) {
        if (feeding.is_done()) break;
        feeding.read(name, names.size() > 1 ? fmt::format("'{}' ", name) : "");
    }
    loader.close();
    if (control::stop_requested()) log.warn("stopped; " + loader.counters());
    log.inform(loader.counters());
    const bool is_empty = loader.records() == 0 && !log.has_errors();
    return o.selection.fail_empty && is_empty ? ExitCode::no_match : ExitCode::done;
}

// For --check-config: values that only the work would look at.
void check(const Options& o, cli::StderrLog& log) {
    const Destination d = destination(o);
    make_router(o, d);
    if (!o.selection.filter.empty()) select::Filter::parse(o.selection.filter);
    sink::SinkOptions options = sink_options(o);
    options.dry_run = true;
    sink::open_sink(d.url, options, log);
}

}  // namespace

int main(int argc, char** argv) {
    return cli::run<Options>(
        argc, argv,
        {"hepcap-load", "Records into a database, in tables by time, call or rule",
         "  hepcap-decode -r trace.pcap | hepcap-load --db sqlite:calls.db\n"
         "  hepcap-load -r records.ndjson --table 'sip_capture_%Y%m%d'\n"
         "  hepcap-load --table 'a|b|c' --mt-mode hash -r records.ndjson\n"
         "  hepcap-load --route 'method == \"REGISTER\"=>registration' -r records.ndjson\n"},
        describe, load_records, check);
}
