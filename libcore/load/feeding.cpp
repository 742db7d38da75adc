#include "load/feeding.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "control/signals.hpp"
#include "record/ndjson_reader.hpp"

namespace hepcap::load {
namespace {

using std::chrono::steady_clock;

// Every line of an input that is something else is no record; one sentence says it better than one for
// each.
std::string foreign_sentence(const std::string& shown, std::string_view form) {
    const std::string quoted = shown == standard_input ? shown : "'" + shown + "'";
    const std::string file = shown == standard_input ? "FILE" : shown;
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

// A place in the input as one number that grows: which of them, and which line of it.
constexpr unsigned line_bits = 40;
constexpr std::uint64_t line_mask = (std::uint64_t{1} << line_bits) - 1;

// An input that never ends should not keep what waits in the spool from the database that is back; and as
// long as it is away, the pauses between two tries grow as long.
constexpr std::chrono::milliseconds between_looks{10'000};

// With --watch inputs come for ever; of the names of so many the database is not behind.
constexpr std::size_t most_names = 1'000;

}  // namespace

bool Feeding::is_done() const {
    return control::stop_requested() || (options_.count > 0 && loader_.records() == options_.count);
}

Feeding::Outcome Feeding::read(const std::string& name, const std::string& prefix) {
    std::optional<InputFile> file;
    std::optional<record::NdjsonReader> reader;
    std::string identity;
    // A file that cannot be read is one error, and the others are loaded all the same; what the database does
    // wrong ends the load.
    try {
        file.emplace(name);
        const bool is_identified = options_.ledger && file->is_regular();
        if (is_identified) identity = file->identity();
        reader.emplace(file->lines([this] { return before_wait(); }, is_identified));
    } catch (const Error& e) {
        log_.error(e.what());
        return Outcome::failed;
    }
    if (!identity.empty() && loader_.is_finished(identity)) return Outcome::skipped;
    inputs_.push_back(file->shown());
    if (inputs_.size() > most_names) {
        inputs_.pop_front();
        ++forgotten_;
    }
    loader_.begin_input(file->shown());
    return read_records(*reader, *file, prefix);
}

Feeding::Outcome Feeding::read_records(record::NdjsonReader& reader, const InputFile& file,
                                       const std::string& prefix) {
    record::Record record;
    while (true) {
        if (is_done()) return Outcome::stopped;
        const auto got = reader.next(record);
        if (!got) {
            if (!refuse(reader, got.error(), file, prefix)) {
                loader_.begin_input({});  // none is in hand, whose end could be wrong
                return Outcome::failed;
            }
        } else if (!*got) {
            break;
        } else {
            position_ = (forgotten_ + inputs_.size() - 1) << line_bits | reader.line_number();
            loader_.take(record, {reader.line(), position_});
            if (options_.on_record) options_.on_record(loader_.records());
        }
        answer_signals();
    }
    // A pipe may have ended because the loader was told to.
    if (control::stop_requested() && !file.is_regular()) return Outcome::stopped;
    return loader_.end_input(file.identity_of_read()) ? Outcome::loaded : Outcome::short_of;
}

// False where the whole input is something else than records.
bool Feeding::refuse(const record::NdjsonReader& reader, const record::BadLine& bad, const InputFile& file,
                     const std::string& prefix) {
    if (const std::string_view form = reader.foreign_form(); !form.empty()) {
        log_.error(foreign_sentence(file.shown(), form));
        return false;
    }
    loader_.refuse(bad, prefix);
    return true;
}

void Feeding::read_spool() {
    if (is_in_spool_) return;
    next_look_ = steady_clock::now() + between_looks;
    if (loader_.is_away()) loader_.flush();
    if (loader_.is_away()) return;
    is_in_spool_ = true;
    for (const std::string& path : loader_.spooled_files()) {
        if (loader_.is_away() || !read_spooled(path)) break;
        loader_.forget(path);
    }
    is_in_spool_ = false;
}

// True where all of it was taken.
bool Feeding::read_spooled(const std::string& path) {
    InputFile file(path);
    record::NdjsonReader reader(file.lines([this] { return before_wait(); }, false));
    record::Record record;
    while (!control::stop_requested()) {
        const auto got = reader.next(record);
        if (!got) {
            if (!refuse(reader, got.error(), file, "'" + path + "' ")) return false;
        } else if (!*got) {
            return true;
        } else {
            loader_.take_again(record, {reader.line(), position_});
        }
        answer_signals();
    }
    return false;
}

std::string Feeding::advice() const {
    const std::uint64_t position = loader_.position();
    const std::uint64_t input = position >> line_bits;
    if (position == 0 || input < forgotten_ || input - forgotten_ >= inputs_.size())
        return "load the input again: what is stored will not be there twice";
    const std::string& name = inputs_[input - forgotten_];
    return fmt::format(
        "the input is stored up to line {} of {}; load it again from there, or the whole of it: nothing "
        "will be there twice",
        position & line_mask, name == standard_input ? name : "'" + name + "'");
}

void Feeding::answer_signals() {
    if (control::take_report_request()) log_.warn(loader_.counters());
    if (control::take_reopen_request()) loader_.reopen_rejects();
}

int Feeding::before_wait() {
    answer_signals();
    if (control::stop_requested()) return record::LineReader::stop;
    if (options_.has_spool && steady_clock::now() >= next_look_) read_spool();
    auto limit = loader_.rest();
    if (options_.has_spool) limit = std::min(limit.value_or(between_looks), between_looks);
    return limit ? static_cast<int>(limit->count()) : record::LineReader::forever;
}

}  // namespace hepcap::load
