#include "load/loader.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "load/input_file.hpp"

namespace hepcap::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t most_lines_named = 10;

std::string list(const std::vector<sink::NamedCount>& counts) {
    std::vector<std::string> parts;
    for (const sink::NamedCount& c : counts) parts.push_back(fmt::format("{} {}", c.count, c.name));
    return fmt::format("{}", fmt::join(parts, ", "));
}

// The tables that reports do not go to.
std::vector<std::string_view> other_tables(const select::Router& router, sink::Schema schema) {
    std::vector<std::string_view> names = router.patterns();
    for (const std::string_view kind : {record::kind::sip, record::kind::rtcp, record::kind::log})
        names.push_back(sink::default_table(schema, kind));
    return names;
}

}  // namespace

Loader::Loader(LoaderOptions options, select::Router router, Log& log)
    : options_(std::move(options)),
      router_(std::move(router)),
      report_table_(other_tables(router_, options_.sink.schema)),
      log_(log),
      started_(Timestamp::now()),
      sink_(options_.url, options_.sink, log) {
    reopen_rejects();
}

void Loader::reopen_rejects() {
    if (rejects_) rejects_->close();
    if (!options_.rejects.empty()) rejects_ = std::make_unique<Output>(options_.rejects);
}

void Loader::take(const record::Record& record, const sink::Origin& origin) {
    if (record.kind == record::kind::eof) return take_eof(record);
    ended_ = Ending::open;
    ++since_eof_;
    if (options_.filter && !options_.filter->matches(record)) return;
    ++records_;
    store(record, origin);
}

void Loader::take_again(const record::Record& record, const sink::Origin& origin) {
    ++unspooled_;
    store(record, origin);
}

void Loader::store(const record::Record& record, const sink::Origin& origin) {
    if (select::TableSelector* const route = router_.find_route(record))
        return append(*route, record, origin);
    const sink::Schema schema = options_.sink.schema;
    const std::string_view prescribed = sink::prescribed_table(schema, record);
    if (prescribed.empty()) {
        append(router_.otherwise(), record, origin);
    } else if (schema != sink::Schema::homer7) {
        sink_.append(report_table_.find(record).value_or(prescribed), record, {}, origin);
    } else if (has_partition(record)) {
        sink_.append(prescribed, record, {}, origin);
    }
}

// Partitions follow the time as names of tables do, so the same times are refused, and the same told.
bool Loader::has_partition(const record::Record& record) {
    const auto day = partition_day_.expand(record);
    if (!day) {
        ++without_table_[static_cast<std::size_t>(day.error())];
        return false;
    }
    note_implausible(*day, record);
    return true;
}

void Loader::note_implausible(std::string_view table, const record::Record& record) {
    if (select::is_plausible_table_time(record.micro_ts.value, started_)) return;
    if (implausible_++ == 0) implausible_table_ = table;
}

void Loader::take_eof(const record::Record& record) {
    const bool is_short =
        record.records.present() && record.records.value != static_cast<std::int64_t>(since_eof_);
    ended_ = is_short ? Ending::short_of : Ending::complete;
    since_eof_ = 0;
}

void Loader::append(select::TableSelector& selector, const record::Record& record,
                    const sink::Origin& origin) {
    const auto choice = selector.table_for(record);
    if (!choice) {
        ++without_table_[static_cast<std::size_t>(choice.error())];
        return;
    }
    if (choice->follows_time) note_implausible(choice->name, record);
    if (selector.is_round_robin()) {
        const std::string own(choice->name);
        sink_.append(own, record, selector.tables_for(record), origin);
    } else {
        sink_.append(choice->name, record, {}, origin);
    }
}

void Loader::refuse(const record::BadLine& bad, std::string_view prefix) {
    if (++refused_ <= most_lines_named) log_.error(std::string(prefix) + record::describe(bad));
    if (rejects_ && !bad.text.empty()) {
        rejects_->append(bad.text);
        rejects_->append("\n");
    }
}

bool Loader::is_finished(std::string_view identity) {
    const bool is_finished = sink_.is_finished(identity);
    if (is_finished) ++skipped_inputs_;
    return is_finished;
}

void Loader::begin_input(std::string_view shown) {
    input_ = shown;
    since_eof_ = 0;
    ended_ = Ending::open;
}

bool Loader::end_input(std::string_view identity) {
    if (!unsettled_since_) unsettled_since_ = steady_clock::now();
    const bool is_whole = judge_input();
    sink_.end_input(is_whole ? identity : std::string_view());
    return is_whole;
}

// Whether the input in hand holds what --require-eof asks for; it is told once.
bool Loader::judge_input() {
    const std::string name = std::exchange(input_, {});
    if (!options_.require_eof || ended_ == Ending::complete || name.empty()) return true;
    const std::string shown = name == standard_input ? "the input" : "'" + name + "'";
    log_.error(shown +
               (ended_ == Ending::open
                    ? " was cut off: it does not end with a record of kind eof; load it again when it "
                      "is whole"
                    : " has lost records: the one of kind eof counts more or fewer than came; load it "
                      "again"));
    return false;
}

std::vector<std::string> Loader::drop_old_tables(const Retention& retention) {
    std::vector<std::string> dropped = retention.choose(sink_.tables(), Timestamp::now());
    for (const std::string& table : dropped) sink_.drop_table(table);
    return dropped;
}

std::optional<milliseconds> Loader::rest() {
    sink_.check();
    if (sink_.pending() == 0 && !unsettled_since_) return std::nullopt;
    const auto since = sink_.pending() > 0 ? sink_.pending_since() : *unsettled_since_;
    const auto age = std::chrono::duration_cast<milliseconds>(steady_clock::now() - since);
    if (age < options_.sink.flush_after) return options_.sink.flush_after - age;
    sink_.settle();
    unsettled_since_.reset();
    return std::nullopt;
}

void Loader::close() {
    sink_.close();
    if (rejects_) rejects_->close();
    report_lines();
    judge_input();  // one that a signal or the count has ended
    report_tables();
}

void Loader::report_lines() {
    if (refused_ > most_lines_named) {
        log_.error(fmt::format("{} more lines are no records either", refused_ - most_lines_named));
    }
}

void Loader::report_tables() {
    for (std::size_t i = 0; i < without_table_.size(); ++i) {
        if (without_table_[i] == 0) continue;
        log_.error(fmt::format("{} records have no table: {}", without_table_[i],
                               name(static_cast<select::TableCause>(i))));
    }
    if (implausible_ > 0) {
        log_.warn(
            fmt::format("{} records are dated before 2000 or in the future, and their tables are named "
                        "so: the first is '{}'; look at the clock of the sender",
                        implausible_, implausible_table_));
    }
    if (report_table_.refused() > 0) {
        log_.warn(fmt::format("{} reports name a table that they cannot have; they are in '{}'",
                              report_table_.refused(),
                              sink::default_table(options_.sink.schema, record::kind::report)));
    }
    const sink::SinkCounts counts = sink_.counts();
    if (!counts.cut.empty()) log_.warn("values cut to the width of their column: " + list(counts.cut));
    if (!counts.replaced.empty()) {
        log_.warn(
            "values with octets that the database cannot hold as text, replaced by U+FFFD there (msg_b64 has "
            "those of msg): " +
            list(counts.replaced));
    }
    if (!counts.skipped.empty()) {
        log_.warn("not stored, because the schema has no table for such records: " + list(counts.skipped));
    }
}

std::string Loader::counters() const {
    const sink::SinkCounts c = sink_.counts();
    std::string text =
        fmt::format("{} records, {} rows {}, {} already there", records_, c.inserted,
                    options_.sink.dry_run ? "not inserted (--dry-run)" : "inserted", c.already_there);
    if (skipped_inputs_ > 0) text += fmt::format(", {} inputs in the ledger already", skipped_inputs_);
    if (refused_ > 0) text += fmt::format(", {} lines that are no records", refused_);
    if (c.spooled > 0) text += fmt::format(", {} put into the spool", c.spooled);
    if (unspooled_ > 0) text += fmt::format(", {} records taken out of the spool", unspooled_);
    if (const std::uint64_t rows = sink_.uncommitted(); rows > 0) {
        text += fmt::format(", {} rows not yet committed", rows);
    }
    return text;
}

}  // namespace hepcap::load
