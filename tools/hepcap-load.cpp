// hepcap-load: records in, one a line; rows in the tables of a database out.

#include <fcntl.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>

#include "base/output.hpp"
#include "cli/app.hpp"
#include "cli/import_kamailio.hpp"
#include "control/signals.hpp"
#include "record/ndjson_reader.hpp"
#include "select/capture_mode.hpp"
#include "select/filter.hpp"
#include "select/route.hpp"
#include "sink/sink.hpp"

namespace {

using namespace hepcap;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

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
                   "As the module's db_insert_mode; SQLite inserts plainly in any")
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

Timestamp now() {
    return {std::chrono::duration_cast<std::chrono::nanoseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count()};
}

class Loading {
public:
    Loading(const Options& o, const Destination& d, cli::StderrLog& log)
        : options_(o),
          log_(log),
          schema_(*sink::schema_from_name(o.schema)),
          router_(make_router(o, d)),
          sink_(sink::open_sink(d.url, sink_options(o), log)) {
        if (!o.selection.filter.empty()) filter_ = select::Filter::parse(o.selection.filter);
        open_rejects();
    }

    ExitCode run(const std::vector<std::string>& names) {
        for (const std::string& name : names) {
            if (is_done()) break;
            read(name, names.size() > 1 ? fmt::format("'{}' ", name) : "");
        }
        sink_->close();
        if (rejects_) rejects_->close();
        report();
        return options_.selection.fail_empty && records_ == 0 && !log_.has_errors() ? ExitCode::no_match
                                                                                    : ExitCode::done;
    }

private:
    static constexpr std::uint64_t most_lines_named = 10;

    // Also when SIGHUP says that the file was moved away.
    void open_rejects() {
        if (rejects_) rejects_->close();
        if (!options_.rejects.empty()) rejects_ = std::make_unique<Output>(options_.rejects);
    }

    bool is_done() const {
        return control::stop_requested() ||
               (options_.selection.count > 0 && records_ == options_.selection.count);
    }

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
                refuse(got.error(), prefix);
            } else if (!*got) {
                break;
            } else {
                take(record);
            }
            report_if_asked();
        }
    }

    // Every line of such an input is no record; one sentence says it better than one for each.
    static std::string foreign_sentence(const std::string& shown, std::string_view form) {
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
        return fmt::format("{} is {}, not records; hepcap-load --db names what is to be filled", quoted,
                           form);
    }

    // What signals ask for.
    void report_if_asked() {
        if (control::take_report_request()) log_.warn(counters());
        if (control::take_reopen_request()) open_rejects();
    }

    // Commits on time although no record comes, and lets the database do what it put off.
    int before_wait() {
        report_if_asked();
        if (control::stop_requested()) return record::LineReader::stop;
        if (sink_->pending() == 0) return record::LineReader::forever;
        const auto age =
            std::chrono::duration_cast<milliseconds>(steady_clock::now() - sink_->pending_since());
        const milliseconds limit(options_.flush_ms);
        if (age < limit) return static_cast<int>((limit - age).count());
        sink_->flush();
        sink_->settle();
        return record::LineReader::forever;
    }

    void take(const record::Record& record) {
        if (record.kind == record::kind::eof) {
            ended_ = record.records.present() && record.records.value != static_cast<std::int64_t>(since_eof_)
                         ? Ending::short_of
                         : Ending::complete;
            since_eof_ = 0;
            return;
        }
        ended_ = Ending::open;
        ++since_eof_;
        if (filter_ && !filter_->matches(record)) return;
        log_.progress(++records_, "records");
        if (select::TableSelector* const route = router_.find_route(record)) {
            append(*route, record);
        } else if (schema_ == sink::Schema::sipcapture && record.kind != record::kind::sip) {
            sink_->append(sink::default_table(schema_, record.kind), record);
        } else {
            append(router_.otherwise(), record);
        }
    }

    void append(select::TableSelector& selector, const record::Record& record) {
        const auto choice = selector.table_for(record);
        if (!choice) {
            ++without_table_[static_cast<std::size_t>(choice.error())];
            return;
        }
        if (choice->follows_time && !select::is_plausible_table_time(record.micro_ts.value, started_) &&
            implausible_++ == 0) {
            implausible_table_ = choice->name;
        }
        if (selector.is_round_robin()) {
            const std::string own(choice->name);
            sink_->append(own, record, selector.tables_for(record));
        } else {
            sink_->append(choice->name, record);
        }
    }

    void refuse(const record::BadLine& bad, const std::string& prefix) {
        if (++refused_ <= most_lines_named) log_.error(prefix + record::describe(bad));
        if (rejects_ && !bad.text.empty()) {
            rejects_->append(bad.text);
            rejects_->append("\n");
        }
    }

    void report() {
        if (refused_ > most_lines_named) {
            log_.error(fmt::format("{} more lines are no records either", refused_ - most_lines_named));
        }
        for (std::size_t i = 0; i < without_table_.size(); ++i) {
            if (without_table_[i] == 0) continue;
            log_.error(fmt::format("{} records have no table: {}", without_table_[i],
                                   name(static_cast<select::TableCause>(i))));
        }
        if (options_.require_eof && ended_ != Ending::complete) {
            log_.error(ended_ == Ending::open ? "the input was cut off: it does not end with a record of "
                                                "kind eof; load it again when it is whole"
                                              : "the input has lost records: the one of kind eof counts more "
                                                "or fewer than came; load it again");
        }
        if (implausible_ > 0) {
            log_.warn(
                fmt::format("{} records are dated before 2000 or in the future, and their tables are named "
                            "so: the first is "
                            "'{}'; look at the clock of the sender",
                            implausible_, implausible_table_));
        }
        const std::string cut = list(sink_->counts().cut);
        if (!cut.empty()) log_.warn("values cut to the width of their column: " + cut);
        const std::string skipped = list(sink_->counts().skipped);
        if (!skipped.empty())
            log_.warn("not stored, because the schema has no table for such records: " + skipped);
        if (control::stop_requested()) log_.warn("stopped; " + counters());
        log_.inform(counters());
    }

    std::string counters() const {
        const sink::SinkCounts& c = sink_->counts();
        std::string text =
            fmt::format("{} records, {} rows {}, {} already there", records_, c.inserted,
                        options_.dry_run ? "not inserted (--dry-run)" : "inserted", c.already_there);
        if (refused_ > 0) text += fmt::format(", {} lines that are no records", refused_);
        if (sink_->pending() > 0) text += fmt::format(", {} rows not yet committed", sink_->pending());
        return text;
    }

    static std::string list(const std::vector<sink::NamedCount>& counts) {
        std::vector<std::string> parts;
        for (const sink::NamedCount& c : counts) parts.push_back(fmt::format("{} {}", c.count, c.name));
        return fmt::format("{}", fmt::join(parts, ", "));
    }

    enum class Ending { open, short_of, complete };

    const Options& options_;
    cli::StderrLog& log_;
    sink::Schema schema_;
    select::Router router_;
    std::unique_ptr<sink::Sink> sink_;
    std::optional<select::Filter> filter_;
    std::unique_ptr<Output> rejects_;
    std::uint64_t records_ = 0;  // that matched
    std::uint64_t refused_ = 0;
    std::uint64_t since_eof_ = 0;
    Ending ended_ = Ending::open;
    std::array<std::uint64_t, 2> without_table_{};
    std::uint64_t implausible_ = 0;
    std::string implausible_table_;
    Timestamp started_ = now();
};

ExitCode load(const Options& o, cli::StderrLog& log) {
    if (!o.import_kamailio.empty()) return cli::print_kamailio_import(o.import_kamailio, log);
    const std::vector<std::string> names = cli::input_names(o.read, o.operands, "files of records");
    if (!o.rejects.empty()) cli::refuse_input_as_output(o.rejects, names);
    const Destination d = destination(o);
    if (o.insert_mode != "sync" && o.insert_mode != "0") {
        log.warn("--insert-mode: this database has no " + o.insert_mode +
                 " inserts; rows are inserted plainly");
    }
    control::install_signals();
    return Loading(o, d, log).run(names);
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
        describe, load, check);
}
