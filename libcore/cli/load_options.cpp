#include "cli/load_options.hpp"

#include "cli/import_kamailio.hpp"

namespace hepcap::cli {
namespace {

void add_cron_options(CLI::App& app, LoadOptions& o) {
    CLI::Option* const watch =
        repeatable(app.add_option("--watch", o.watch,
                                  "Load the files of DIR, and those that come into it, until a signal"))
            ->type_name("DIR")
            ->group(group::input);
    app.add_option("--done-dir", o.done_dir, "Move the files of --watch to DIR once they are loaded")
        ->type_name("DIR")
        ->needs(watch)
        ->group(group::input);
    app.add_flag("--ledger", o.ledger, "Note files that are loaded in the database, and skip them next time")
        ->group(group::database);
    app.add_flag("--lock{wait}", o.lock,
                 "One load a database at a time: wait for another, or with skip end at once")
        ->check(one_of({"wait", "skip", "true", "false"}))
        ->type_name("wait|skip")
        ->group(group::database);
    app.add_option("--retention", o.retention,
                   "Drop tables whose name tells a time that is over for longer than AGE: 7d, 12h, 8w")
        ->type_name("AGE")
        ->group(group::database);
}

void add_retry_options(CLI::App& app, LoadOptions& o) {
    app.add_option("--retries", o.retries,
                   "As the module's insert_retries: how often to try again while the database is away")
        ->type_name("N")
        ->check(between(0, 10'000))
        ->capture_default_str()
        ->group(group::database);
    app.add_option("--retry-timeout", o.retry_timeout,
                   "As the module's insert_retry_timeout: seconds after which to stop trying")
        ->type_name("S")
        ->check(between(0, 86'400))
        ->capture_default_str()
        ->group(group::database);
    CLI::Option* const spool =
        app.add_option("--spool", o.spool,
                       "Keep in DIR what could not be stored; the next load stores it first")
            ->type_name("DIR")
            ->group(group::database);
    app.add_option("--spool-size", o.spool_size, "Most that the spool may hold")
        ->type_name("SIZE")
        ->capture_default_str()
        ->needs(spool)
        ->group(group::database);
}

void add_input_options(CLI::App& app, LoadOptions& o) {
    repeatable(
        app.add_option("-r,--read", o.read,
                       "Read records from FILE; - is standard input; several are read one after the other"))
        ->type_name("FILE")
        ->group(group::input);
    app.add_option("records", o.operands, "Files of records")->type_name("FILE");
    app.add_flag("--require-eof", o.require_eof,
                 "Fail unless the records end with one of kind eof that counts them all")
        ->group(group::input);
    app.add_option("--rejects", o.rejects, "Keep lines that are no records in FILE")
        ->type_name("FILE")
        ->group(group::input);
}

// Those that name the database; --mode names one, too.
std::vector<CLI::Option*> add_database_options(CLI::App& app, LoadOptions& o) {
    CLI::Option* const db = app.add_option("--db", o.db,
                                           "Database to fill: sqlite:PATH, mysql://, postgresql:// or "
                                           "clickhouse://user:password@host/database, "
                                           "odbc:DSN=NAME, text:DIR")
                                ->type_name("URL")
                                ->default_str("sqlite:hepcap.db")
                                ->group(group::database);
    CLI::Option* const db_url_file =
        app.add_option("--db-url-file", o.db_url_file,
                       "Read the URL from FILE, so that no password is an argument")
            ->type_name("FILE")
            ->excludes(db)
            ->group(group::database);
    app.add_option("--schema", o.schema,
                   "The tables of Kamailio's sipcapture module, those of Homer 5 or 7, or one with a column "
                   "for each key")
        ->type_name("sipcapture|homer5|homer7|record")
        ->check(one_of({"sipcapture", "homer5", "homer7", "record"}))
        ->capture_default_str()
        ->group(group::database);
    app.add_option(
           "--rtc-tables", o.rtc_tables,
           "In the schema homer5, one table of RTCP, reports or logs for all days, or one for each day")
        ->type_name("plain|dated")
        ->check(one_of({"plain", "dated"}))
        ->capture_default_str()
        ->group(group::database);
    app.add_flag("--create,!--no-create", o.create, "Make the database and the tables that are missing")
        ->default_str("true")
        ->group(group::database);
    app.add_option("--insert-mode", o.insert_mode,
                   "As the module's db_insert_mode 0, 1, 2; a database without it inserts plainly")
        ->type_name("sync|delayed|async")
        ->check(one_of({"sync", "delayed", "async", "0", "1", "2"}))
        ->capture_default_str()
        ->group(group::database);
    app.add_option("--batch", o.batch, "Rows in one transaction")
        ->type_name("N")
        ->check(between(1, 10'000'000))
        ->capture_default_str()
        ->group(group::database);
    app.add_option("--flush-ms", o.flush_ms,
                   "Milliseconds after which a transaction is committed, full or not")
        ->type_name("N")
        ->check(between(1, 3'600'000))
        ->capture_default_str()
        ->group(group::database);
    app.add_option("--cluster", o.cluster,
                   "Make tables on the servers of this ClickHouse cluster, distributed and replicated")
        ->type_name("NAME")
        ->group(group::database);
    app.add_flag("--dry-run", o.dry_run, "Do everything but touch the database")->group(group::database);
    return {db, db_url_file};
}

void add_table_options(CLI::App& app, LoadOptions& o, const std::vector<CLI::Option*>& database) {
    CLI::Option* const table =
        app.add_option("--table", o.table,
                       "Table, or several separated by |; names may follow the record's time with strftime "
                       "codes [sip_capture]")
            ->type_name("NAME|NAME...")
            ->group(group::tables);
    repeatable(app.add_option("--route", o.routes,
                              "Records that match EXPR go to TABLE; the first that matches counts"))
        ->type_name("EXPR=>TABLE")
        ->group(group::tables);
    app.add_option("--mt-mode", o.mt_mode, "How one of several tables is chosen")
        ->type_name("rand|round_robin|hash")
        ->capture_default_str()
        ->group(group::tables);
    app.add_option("--hash-source", o.hash_source, "What is hashed")
        ->type_name("call_id|from_user|to_user")
        ->capture_default_str()
        ->group(group::tables);
    repeatable(app.add_option("--capture-mode", o.capture_modes,
                              "Define a destination: 'NAME=>db_url=...;table_name=...;mt_mode=...'"))
        ->type_name("MODE")
        ->group(group::tables);
    CLI::Option* const mode = app.add_option("--mode", o.mode, "Load into the destination of that name")
                                  ->type_name("NAME")
                                  ->excludes(table)
                                  ->group(group::tables);
    for (CLI::Option* const other : database) mode->excludes(other);
}

}  // namespace

void add_load_options(CLI::App& app, LoadOptions& o) {
    add_input_options(app, o);
    add_selection_options(app, o.selection);
    add_import_option(app, o.import_kamailio);
    const std::vector<CLI::Option*> database = add_database_options(app, o);
    add_retry_options(app, o);
    add_cron_options(app, o);
    add_table_options(app, o, database);
}

}  // namespace hepcap::cli
