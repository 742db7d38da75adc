// How records are made and in which form they are written: options that decode, listen and raw share,
// with the same words in each.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "record/from_hep.hpp"
#include "record/record_writer.hpp"

namespace hepcap::cli {

struct RecordOptions {
    std::string form = "ndjson";
    std::vector<std::string> fields;
    bool headers = false;
    bool no_msg = false;
    bool flush_each = false;
    std::string node = "homer01";
    std::string aleg_header = "X-CID";
    std::vector<std::string> custom_headers;
    std::string topoh_key_file;
    std::string topoh_prefix{sip::Topoh::default_call_id_prefix};
};

// -T --fields --headers --no-msg -l: the form.  `forms` are the words that -T takes, and the first of
// them is not necessarily the default, which is that of `options`.
void add_form_options(CLI::App& app, RecordOptions& options,
                      const std::vector<std::string>& forms = {"ndjson", "text", "csv"});

// --node --aleg-header --custom-header --topoh-key-file --topoh-prefix: the content.
void add_content_options(CLI::App& app, RecordOptions& options);

// Throws Error (usage): -w was given beside a form that is one of records.
[[noreturn]] void refuse_savefile_of_records(const RecordOptions& options);

// These throw Error (usage) for what no record has, and for a key file that cannot be read.
record::WriterOptions writer_options(const RecordOptions& options);
record::BuilderOptions builder_options(const RecordOptions& options);

}  // namespace hepcap::cli
