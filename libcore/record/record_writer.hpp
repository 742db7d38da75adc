// Records to stdout in the form that -T names: what decode, listen and raw share.
#pragma once

#include <string_view>
#include <vector>

#include "base/output.hpp"
#include "record/ndjson_writer.hpp"
#include "record/text_writer.hpp"

namespace hepcap::record {

enum class Form : std::uint8_t { ndjson, text, csv };

struct WriterOptions {
    Form form = Form::ndjson;
    FieldList keys;  // as named by --fields; empty: all (ndjson), a summary (text)
    bool without_msg = false;
    bool flush_each = false;  // -l
};

// The keys of "--fields a,b"; throws Error (usage) naming the nearest key of one that is none.
FieldList parse_field_list(const std::vector<std::string>& names);

class RecordWriter {
public:
    // `out` must outlive the writer.
    RecordWriter(Output& out, WriterOptions options);

    void write(const Record& record);

private:
    Output& out_;
    WriterOptions options_;
    FieldMask mask_;
    bool needs_header_;
};

}  // namespace hepcap::record
