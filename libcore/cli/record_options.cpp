#include "cli/record_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.hpp"
#include "cli/app.hpp"

namespace hepcap::cli {

void add_form_options(CLI::App& app, RecordOptions& o, const std::vector<std::string>& forms) {
    app.add_option("-T,--type", o.form, "Form of the output")
        ->type_name(fmt::format("{}", fmt::join(forms, "|")))
        ->check(one_of(forms))
        ->capture_default_str()
        ->group(group::output);
    repeatable(app.add_option("--fields", o.fields, "Only these keys"))
        ->type_name("KEY,KEY...")
        ->delimiter(',')
        ->group(group::output);
    app.add_flag("--headers", o.headers, "Add all headers as an array of [name, value]")
        ->group(group::output);
    app.add_flag("--no-msg", o.no_msg, "Leave the payload out")->group(group::output);
    app.add_flag("-l,--flush", o.flush_each, "Write each record at once")->group(group::output);
}

void add_content_options(CLI::App& app, RecordOptions& o) {
    app.add_option("--node", o.node, "Name of the capture node")
        ->type_name("NAME")
        ->capture_default_str()
        ->group(group::output);
    app.add_option("--aleg-header", o.aleg_header,
                   "Headers with the Call-ID of the other leg; the first that a message has counts")
        ->type_name("NAME;NAME...")
        ->capture_default_str()
        ->group(group::output);
    repeatable(app.add_option("--custom-header", o.custom_headers,
                              "Header for custom_field1, 2, 3, as often as three times [Mac, IP, Port]"))
        ->type_name("NAME")
        ->group(group::output);
    app.add_option("--topoh-key-file", o.topoh_key_file,
                   "Take the masks of Kamailio's topoh off, with the mask_key in FILE")
        ->type_name("FILE")
        ->group(group::output);
    app.add_option("--topoh-prefix", o.topoh_prefix, "Prefix of masked Call-IDs (callid_prefix)")
        ->type_name("TEXT")
        ->capture_default_str()
        ->group(group::output);
}

void refuse_savefile_of_records(const RecordOptions& o) {
    throw Error(fmt::format("-w writes packets; records of -T {} go to standard output", o.form),
                ExitCode::usage);
}

record::WriterOptions writer_options(const RecordOptions& o) {
    record::WriterOptions w;
    w.form = o.form == "csv"    ? record::Form::csv
             : o.form == "text" ? record::Form::text
                                : record::Form::ndjson;
    w.keys = record::parse_field_list(o.fields);
    w.without_msg = o.no_msg;
    w.flush_each = o.flush_each;
    return w;
}

record::BuilderOptions builder_options(const RecordOptions& o) {
    record::BuilderOptions b;
    b.node = o.node;
    b.with_headers = o.headers || std::find(o.fields.begin(), o.fields.end(), "headers") != o.fields.end();
    if (o.custom_headers.size() > 3)
        throw Error("--custom-header can be given three times at most", ExitCode::usage);
    b.header_names =
        sip::HeaderNames(split_list(o.aleg_header, ';'),
                         o.custom_headers.empty() ? sip::HeaderNames().custom() : o.custom_headers);
    if (!o.topoh_key_file.empty()) {
        b.topoh.emplace(read_small_file(o.topoh_key_file, "topoh key file"), o.topoh_prefix);
    }
    return b;
}

}  // namespace hepcap::cli
