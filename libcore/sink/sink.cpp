#include "sink/sink.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "base/nearest.hpp"
#include "sink/clickhouse.hpp"
#include "sink/dbtext.hpp"
#include "sink/mariadb.hpp"
#include "sink/null_sink.hpp"
#include "sink/odbc.hpp"
#include "sink/postgres.hpp"
#include "sink/sqlite.hpp"

namespace hepcap::sink {
namespace {

using std::chrono::steady_clock;
using Make = std::unique_ptr<Backend> (*)(std::string_view location, const SinkOptions&, Log&);
using Check = void (*)(std::string_view location, const SinkOptions&);

struct KnownBackend {
    std::string_view scheme;
    Make make = nullptr;    // null: known, but not in this build
    Check check = nullptr;  // for a dry run; null: there is nothing that could be looked at
    bool has_delayed = false;
    bool has_async = false;
    bool has_homer7 = false;  // the schema
    bool has_homer5 = false;  // Homer 5 could read it
};

constexpr Make mariadb = HEPCAP_HAS_MARIADB != 0 ? open_mariadb : nullptr;
constexpr Check check_mariadb_url = HEPCAP_HAS_MARIADB != 0 ? check_mariadb : nullptr;
constexpr Make odbc = HEPCAP_HAS_ODBC != 0 ? open_odbc : nullptr;
constexpr Check check_odbc_url = HEPCAP_HAS_ODBC != 0 ? check_odbc : nullptr;
constexpr Make clickhouse = HEPCAP_HAS_CLICKHOUSE != 0 ? open_clickhouse : nullptr;
constexpr Check check_clickhouse_url = HEPCAP_HAS_CLICKHOUSE != 0 ? check_clickhouse : nullptr;
constexpr Make postgres = HEPCAP_HAS_POSTGRES != 0 ? open_postgres : nullptr;
constexpr Check check_postgres_url = HEPCAP_HAS_POSTGRES != 0 ? check_postgres : nullptr;

// Schemes as users of Kamailio write them too.
constexpr std::array known_backends{
    KnownBackend{.scheme = "sqlite", .make = open_sqlite, .check = check_sqlite, .has_homer5 = true},
    KnownBackend{.scheme = "null", .make = open_null, .has_homer7 = true},
    KnownBackend{"mysql", mariadb, check_mariadb_url, false, true, false, true},
    KnownBackend{"mariadb", mariadb, check_mariadb_url, false, true, false, true},
    KnownBackend{"postgres", postgres, check_postgres_url, false, true, true, true},
    KnownBackend{"postgresql", postgres, check_postgres_url, false, true, true, true},
    KnownBackend{"odbc", odbc, check_odbc_url},
    KnownBackend{"unixodbc", odbc, check_odbc_url},
    KnownBackend{"text", open_dbtext, check_dbtext},
    KnownBackend{"clickhouse", clickhouse, check_clickhouse_url, false, true},
};

std::string backend_list() {
    std::string list;
    for (const std::string_view scheme : backends()) {
        if (!list.empty()) list += ", ";
        list += scheme;
    }
    return list;
}

// Looking at the clock costs as much as a column.
constexpr std::uint64_t rows_between_looks = 64;

Store::MakeBackend backend_maker(std::string_view url, const SinkOptions& options, Log& log);

std::unique_ptr<Spool> open_spool(const SinkOptions& options) {
    if (options.spool.empty() || options.dry_run) return nullptr;
    return std::make_unique<Spool>(options.spool, options.spool_size, options.spool_purpose);
}

}  // namespace

Sink::Sink(std::string_view url, const SinkOptions& options, Log& log)
    : options_(options),
      log_(log),
      kept_log_(std::make_unique<KeptLog>(log_)),
      spool_(open_spool(options_)),
      thread_(std::make_unique<Store>(backend_maker(url, options_, *kept_log_), options_.retry, spool_.get(),
                                      *kept_log_),
              [this] { kept_log_->pass_on(); }) {
    kept_log_->pass_on();
}

void Sink::append(std::string_view table, const record::Record& record,
                  std::span<const std::string_view> siblings, const Origin& origin) {
    const std::optional<Layout> layout = layout_for(options_.schema, record.kind);
    if (!layout) {
        count(skipped_, record.kind);
        return;
    }
    if (batch_.is_full() || !batch_.add(table, *layout, record, values_, siblings)) {
        hand_over(StoreThread::Then::nothing);
        batch_.add(table, *layout, record, values_, siblings);
    }
    batch_.note_origin(origin, thread_.needs_lines());
    ++taken_;
    if (pending_++ == 0) pending_since_ = steady_clock::now();
    const bool is_late =
        pending_ % rows_between_looks == 0 && steady_clock::now() - pending_since_ >= options_.flush_after;
    if (pending_ >= options_.batch || is_late) hand_over(StoreThread::Then::commit);
}

void Sink::hand_over(StoreThread::Then then, std::string_view finished) {
    thread_.put(batch_, then, std::string(finished));
    if (then != StoreThread::Then::nothing) pending_ = 0;
    kept_log_->pass_on();
}

void Sink::finish(StoreThread::Then then) {
    try {
        hand_over(then);
        thread_.wait();
    } catch (...) {
        kept_log_->pass_on();
        throw;
    }
    kept_log_->pass_on();
}

void Sink::ask(const std::function<void(Backend&)>& question) {
    try {
        thread_.ask(question);
    } catch (...) {
        kept_log_->pass_on();
        throw;
    }
    kept_log_->pass_on();
}

void Sink::end_input(std::string_view finished) {
    hand_over(StoreThread::Then::commit, finished);
    if (finished.empty() || keeps_ledger_ || options_.dry_run) return;
    const bool is_noted = is_finished(finished);
    if (!is_noted && is_away()) return;  // whether there is a ledger, nobody can say now
    keeps_ledger_ = true;
    if (is_noted) return;
    log_.warn(
        "--ledger: this kind of database keeps no ledger; inputs are loaded again, and their records "
        "found by their uid");
}

bool Sink::is_finished(std::string_view input) {
    bool is_in_ledger = false;
    ask([&](Backend& backend) { is_in_ledger = backend.is_finished(input); });
    return is_in_ledger;
}

std::vector<std::string> Sink::tables() {
    flush();
    std::vector<std::string> names;
    ask([&](Backend& backend) { names = backend.tables(); });
    return names;
}

void Sink::drop_table(std::string_view name) {
    flush();
    ask([&](Backend& backend) { backend.drop_table(name); });
}

void Sink::check() {
    kept_log_->pass_on();
    thread_.check();
}

void Sink::flush() { finish(StoreThread::Then::commit); }

void Sink::settle() { finish(StoreThread::Then::settle); }

void Sink::close() { finish(StoreThread::Then::close); }

std::vector<std::string> Sink::spooled_files() {
    return spool_ == nullptr ? std::vector<std::string>() : spool_->waiting();
}

void Sink::forget(const std::string& spooled_file) {
    flush();
    spool_->remove(spooled_file);
}

std::uint64_t Sink::uncommitted() const {
    const SinkCounts done = thread_.counts();
    return taken_ - done.inserted - done.already_there - done.spooled;
}

SinkCounts Sink::counts() const {
    SinkCounts counts = thread_.counts();
    counts.skipped = skipped_;
    add(counts.cut, values_.cut());
    return counts;
}

std::vector<std::string_view> backends() {
    std::vector<std::string_view> built_in;
    for (const KnownBackend& backend : known_backends) {
        if (backend.make != nullptr) built_in.push_back(backend.scheme);
    }
    return built_in;
}

std::string_view name(InsertMode mode) {
    constexpr std::array<std::string_view, 3> names{"sync", "delayed", "async"};
    return names[static_cast<std::size_t>(mode)];
}

std::optional<InsertMode> insert_mode_from_name(std::string_view text) {
    for (const InsertMode mode : {InsertMode::sync, InsertMode::delayed, InsertMode::async}) {
        if (text == name(mode) || text == std::to_string(static_cast<int>(mode))) return mode;
    }
    return std::nullopt;
}

std::unique_ptr<Sink> open_sink(std::string_view url, const SinkOptions& options, Log& log) {
    return std::make_unique<Sink>(url, options, log);
}

namespace {

// Homer 5.0.6 looks for a call's records of WebRTC too, and answers nothing at all where there is no table.
void make_tables_of_homer5(Backend& backend) {
    const std::size_t width = columns(Layout::report_capture).size();
    backend.store({.table = "webrtc_capture",
                   .layout = Layout::report_capture,
                   .siblings = {},
                   .width = width,
                   .values = {},
                   .present = std::vector<std::uint8_t>(width)});
    backend.commit();
}

Store::MakeBackend backend_maker(std::string_view url, const SinkOptions& options, Log& log) {
    const std::size_t colon = url.find(':');
    if (colon == std::string_view::npos) {
        throw Error("the database URL names no kind of database (built in: " + backend_list() +
                        "); for a file write sqlite:PATH",
                    ExitCode::usage);
    }
    // Only the scheme is ever shown: the rest may hold a password.
    const std::string_view scheme = url.substr(0, colon);
    const auto* const backend = std::ranges::find(known_backends, scheme, &KnownBackend::scheme);
    if (backend == known_backends.end()) {
        throw Error("unknown kind of database " + excerpt(scheme) + did_you_mean(scheme, backends()) +
                        " (built in: " + backend_list() + ")",
                    ExitCode::usage);
    }
    if (backend->make == nullptr) {
        throw Error("the backend " + excerpt(scheme) +
                        " is not compiled into this binary (built in: " + backend_list() + ")",
                    ExitCode::usage);
    }
    if (options.schema == Schema::homer7 && !backend->has_homer7) {
        throw Error(
            "the schema homer7 is one of PostgreSQL, as homer-app reads it; name a database postgresql:// "
            "with "
            "--db, or another --schema",
            ExitCode::usage);
    }
    if ((options.insert_mode == InsertMode::delayed && !backend->has_delayed) ||
        (options.insert_mode == InsertMode::async && !backend->has_async)) {
        log.warn("--insert-mode: the backend " + std::string(scheme) + " has no " +
                 std::string(name(options.insert_mode)) + " inserts; rows are inserted plainly");
    }
    const std::string location(url.substr(colon + 1));
    if (options.dry_run) {
        try {
            if (backend->check != nullptr) backend->check(location, options);
        } catch (const Error& e) {
            if (e.code() == ExitCode::temporary) throw;
            throw refused_for_good(e);
        }
        return [&options, &log] { return open_null({}, options, log); };
    }
    const bool must_make = options.schema == Schema::homer5 && options.create && backend->has_homer5;
    return [make = backend->make, must_make, location, &options, &log] {
        std::unique_ptr<Backend> made = make(location, options, log);
        if (must_make) make_tables_of_homer5(*made);
        return made;
    };
}

}  // namespace

}  // namespace hepcap::sink
