#include "load/feeding.hpp"

#include <fmt/core.h>

#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "control/signals.hpp"
#include "record/ndjson_reader.hpp"

namespace hepcap::load {
namespace {

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
    return read_records(*reader, *file, prefix);
}

Feeding::Outcome Feeding::read_records(record::NdjsonReader& reader, const InputFile& file,
                                       const std::string& prefix) {
    record::Record record;
    while (true) {
        if (is_done()) return Outcome::stopped;
        const auto got = reader.next(record);
        if (!got) {
            if (const std::string_view form = reader.foreign_form(); !form.empty()) {
                log_.error(foreign_sentence(file.shown(), form));
                return Outcome::failed;
            }
            loader_.refuse(got.error(), prefix);
        } else if (!*got) {
            break;
        } else {
            loader_.take(record);
            if (options_.on_record) options_.on_record(loader_.records());
        }
        answer_signals();
    }
    // A pipe may have ended because the loader was told to.
    if (control::stop_requested() && !file.is_regular()) return Outcome::stopped;
    loader_.end_input(file.identity_of_read());
    return Outcome::loaded;
}

void Feeding::answer_signals() {
    if (control::take_report_request()) log_.warn(loader_.counters());
    if (control::take_reopen_request()) loader_.reopen_rejects();
}

int Feeding::before_wait() {
    answer_signals();
    if (control::stop_requested()) return record::LineReader::stop;
    const auto limit = loader_.rest();
    return limit ? static_cast<int>(limit->count()) : record::LineReader::forever;
}

}  // namespace hepcap::load
