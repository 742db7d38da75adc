// hepcap-load: records in, one a line; rows in the tables of a database out.

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <optional>

#include "cli/app.hpp"
#include "cli/import_kamailio.hpp"
#include "cli/load_options.hpp"
#include "cli/size.hpp"
#include "control/signals.hpp"
#include "load/arrivals.hpp"
#include "load/database_name.hpp"
#include "load/feeding.hpp"
#include "load/folder_watch.hpp"
#include "load/homer5.hpp"
#include "load/inputs.hpp"
#include "load/load_lock.hpp"
#include "load/loader.hpp"
#include "load/retention.hpp"
#include "select/capture_mode.hpp"
#include "select/filter.hpp"
#include "select/route.hpp"
#include "sink/sink.hpp"

namespace {

using namespace hepcap;
using std::chrono::milliseconds;

using Options = cli::LoadOptions;

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
    std::string_view table = o.table;
    if (table.empty()) {
        table = schema == sink::Schema::homer5 ? load::homer5_rest
                                               : sink::default_table(schema, record::kind::sip);
    }
    return {database_url(o), std::string(table), select::parse_multi_table_mode(o.mt_mode, "--mt-mode"),
            select::parse_hash_source(o.hash_source, "--hash-source")};
}

select::Router make_router(const Options& o, const Destination& d) {
    const bool names_tables = !o.table.empty() || !o.routes.empty() || !o.mode.empty();
    if (o.schema == "homer7" && names_tables) {
        throw Error(
            "--schema homer7 has tables of its own names, one for each kind of traffic; leave out --table, "
            "--route and --mode",
            ExitCode::usage);
    }
    std::vector<select::Route> routes;
    for (const std::string& route : o.routes)
        routes.push_back(select::parse_route(route, d.mode, d.hash_source));
    if (sink::schema_from_name(o.schema) == sink::Schema::homer5) {
        const bool has_own_tables = !o.table.empty() || !o.mode.empty();
        for (const std::string& route : load::homer5_routes(!has_own_tables, o.rtc_tables == "dated"))
            routes.push_back(select::parse_route(route));
    }
    return {std::move(routes), select::TableSelector(d.tables, d.mode, d.hash_source)};
}

sink::SinkOptions sink_options(const Options& o, const Destination& d) {
    sink::SinkOptions s;
    s.schema = *sink::schema_from_name(o.schema);
    s.insert_mode = *sink::insert_mode_from_name(o.insert_mode);
    s.create = o.create;
    s.batch = o.batch;
    s.flush_after = milliseconds(o.flush_ms);
    s.cluster = o.cluster;
    s.dry_run = o.dry_run;
    s.retry = {.retries = o.retries,
               .retry_timeout = std::chrono::seconds(o.retry_timeout),
               .must_end = control::stop_requested};
    s.spool = o.spool;
    s.spool_size = cli::parse_size(o.spool_size, "--spool-size");
    s.spool_purpose =
        fmt::format("'{}', schema {}, table {}", load::database_name(d.url), o.schema, d.tables);
    return s;
}

load::LoaderOptions loader_options(const Options& o, const Destination& d) {
    load::LoaderOptions l;
    l.url = d.url;
    l.sink = sink_options(o, d);
    if (!o.selection.filter.empty()) l.filter = select::Filter::parse(o.selection.filter);
    l.require_eof = o.require_eof;
    l.rejects = o.rejects;
    return l;
}

bool is_locked(const Options& o) { return !o.lock.empty() && o.lock != "false" && !o.dry_run; }

// Nothing is read where there is something else to do, and nobody to type records.
std::vector<std::string> input_names(const Options& o) {
    const bool is_named = !o.read.empty() || !o.operands.empty();
    const bool may_be_none = !o.watch.empty() || (!o.retention.empty() && ::isatty(STDIN_FILENO) != 0);
    if (!is_named && may_be_none) return {};
    return load::expand_inputs(cli::input_names(o.read, o.operands, "files of records"));
}

std::optional<load::Retention> retention(const Options& o, const select::Router& router) {
    if (o.retention.empty()) return std::nullopt;
    const sink::Schema schema = *sink::schema_from_name(o.schema);
    if (schema == sink::Schema::homer7) {
        const std::vector<std::string> partitions = sink::homer7_partition_patterns();
        return load::Retention(o.retention, {partitions.begin(), partitions.end()},
                               sink::homer7_partition_hours);
    }
    std::vector<std::string_view> patterns = router.patterns();
    for (const std::string_view kind :
         {record::kind::sip, record::kind::rtcp, record::kind::report, record::kind::log})
        patterns.push_back(sink::default_table(schema, kind));
    return load::Retention(o.retention, patterns);
}

class Load {
public:
    Load(const Options& o, const Destination& d, select::Router router, cli::StderrLog& log)
        : options_(o),
          log_(log),
          retention_(retention(o, router)),
          loader_(loader_options(o, d), std::move(router), log),
          feeding_({.count = o.selection.count,
                    .ledger = o.ledger || !o.watch.empty(),
                    .has_spool = !o.spool.empty(),
                    .on_record = [&log](std::uint64_t count) { log.progress(count, "records"); }},
                   loader_, log) {}

    ExitCode run(const std::vector<std::string>& names) {
        try {
            work(names);
        } catch (const Error& e) {
            if (e.code() != ExitCode::temporary) throw;
            throw Error(fmt::format("{}; {}", e.what(), feeding_.advice()), ExitCode::temporary);
        }
        if (control::stop_requested()) {
            log_.warn("stopped; " + loader_.counters());
        } else {
            log_.inform(loader_.counters());
        }
        if (!loader_.spooled_files().empty()) {
            throw Error(fmt::format("records wait in the spool '{}'; the next load with --spool stores them "
                                    "first",
                                    options_.spool),
                        ExitCode::temporary);
        }
        const bool is_empty = loader_.records() == 0 && !log_.has_errors();
        return options_.selection.fail_empty && is_empty ? ExitCode::no_match : ExitCode::done;
    }

private:
    // The spool comes first, and last once more, where the database came back meanwhile.
    void work(const std::vector<std::string>& names) {
        feeding_.read_spool();
        for (const std::string& name : names) {
            if (feeding_.is_done()) break;
            feeding_.read(name, names.size() > 1 ? fmt::format("'{}' ", name) : "");
        }
        if (!options_.watch.empty()) watch();
        feeding_.read_spool();
        drop_old_tables();
        loader_.close();
    }

    void watch() {
        load::FolderWatch folders(options_.watch);
        load::Arrivals arrivals(feeding_, loader_, log_, options_.done_dir, [this] {
            feeding_.read_spool();
            if (std::chrono::steady_clock::now() >= next_drop_) drop_old_tables();
        });
        arrivals.load_from(folders);
    }

    // While directories are watched, once an hour.
    void drop_old_tables() {
        next_drop_ = std::chrono::steady_clock::now() + std::chrono::hours(1);
        if (!retention_) return;
        for (const std::string& table : loader_.drop_old_tables(*retention_))
            log_.inform(fmt::format("table '{}' is older than {} and dropped", table, options_.retention));
    }

    const Options& options_;
    cli::StderrLog& log_;
    std::optional<load::Retention> retention_;
    load::Loader loader_;
    load::Feeding feeding_;
    std::chrono::steady_clock::time_point next_drop_{};
};

ExitCode load_records(const Options& o, cli::StderrLog& log) {
    if (!o.import_kamailio.empty()) return cli::print_kamailio_import(o.import_kamailio, log);
    if (!o.done_dir.empty()) load::check_done_directory(o.done_dir, o.watch);
    const std::vector<std::string> names = input_names(o);
    if (!o.rejects.empty()) cli::refuse_input_as_output(o.rejects, names);
    const Destination d = destination(o);
    select::Router router = make_router(o, d);
    control::install_signals();
    std::optional<load::LoadLock> lock;
    if (is_locked(o)) {
        lock.emplace(d.url);
        const load::LoadLock::Outcome outcome = lock->take(o.lock != "skip");
        if (outcome != load::LoadLock::Outcome::held) {
            log.inform("nothing is loaded: another hepcap-load --lock has '" + lock->path() + "'");
            return ExitCode::done;
        }
    }
    return Load(o, d, std::move(router), log).run(names);
}

// For --check-config: values that only the work would look at.
void check(const Options& o, cli::StderrLog& log) {
    const Destination d = destination(o);
    retention(o, make_router(o, d));
    if (!o.selection.filter.empty()) select::Filter::parse(o.selection.filter);
    sink::SinkOptions options = sink_options(o, d);
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
         "  hepcap-load --lock --ledger '/var/spool/hepcap/*.ndjson'\n"
         "  hepcap-load --route 'method == \"REGISTER\"=>registration' -r records.ndjson\n"},
        cli::add_load_options, load_records, check);
}
