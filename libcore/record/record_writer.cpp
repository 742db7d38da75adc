#include "record/record_writer.hpp"

#include "base/error.hpp"
#include "base/nearest.hpp"

namespace hepcap::record {

namespace {

// What a spreadsheet of calls begins with, where no --fields says otherwise.
constexpr std::string_view csv_default[] = {
    "ts",        "kind",          "source_ip",    "source_port", "destination_ip", "destination_port",
    "transport", "method",        "reply_reason", "cseq",        "from_user",      "to_user",
    "callid",    "correlation_id"};

}  // namespace

FieldList parse_field_list(const std::vector<std::string>& names) {
    FieldList keys;
    for (const std::string& name : names) {
        const auto found = find_field(name);
        if (!found) {
            std::vector<std::string_view> known;
            for (const FieldRef& field : field_refs) known.push_back(field.name);
            throw Error("there is no key '" + name + "' in a record" + did_you_mean(name, known),
                        ExitCode::usage);
        }
        keys.push_back(*found);
    }
    return keys;
}

RecordWriter::RecordWriter(Output& out, WriterOptions options)
    : out_(out), options_(std::move(options)), needs_header_(options_.form == Form::csv) {
    if (options_.form == Form::csv && options_.keys.empty()) {
        for (const std::string_view name : csv_default) options_.keys.push_back(*find_field(name));
    }
    if (options_.keys.empty()) mask_.set();
    for (const std::size_t key : options_.keys) mask_.set(key);
    if (options_.without_msg) mask_.reset(*find_field("msg"));
}

void RecordWriter::write(const Record& record) {
    if (needs_header_) {
        append_csv_header(out_, options_.keys);
        needs_header_ = false;
    }
    if (options_.form == Form::ndjson) {
        append_ndjson(out_, record, mask_);
    } else if (options_.form == Form::csv) {
        append_csv(out_, record, options_.keys);
    } else if (options_.keys.empty()) {
        append_summary(out_, record);
    } else {
        append_tabbed(out_, record, options_.keys);
    }
    if (options_.flush_each) out_.flush();
}

}  // namespace hepcap::record
