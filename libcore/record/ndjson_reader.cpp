#include "record/ndjson_reader.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/excerpt.hpp"

namespace hepcap::record {

static_assert(LineReader::slack >= JsonTokens::slack);

Result<bool, BadLine> NdjsonReader::next(Record& record) {
    while (true) {
        switch (lines_.next(line_)) {
            case LineReader::Outcome::end: return false;
            case LineReader::Outcome::too_long:
                return Unexpected{BadLine{LineFault::too_long, lines_.line_number(), {}, {}}};
            case LineReader::Outcome::line: break;
        }
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
        if (lines_.line_number() == 1 && line_.starts_with(byte_order_mark))
            line_.remove_prefix(byte_order_mark.size());
        if (std::ranges::all_of(line_, is_blank)) continue;
        const auto fault = parser_.parse(line_, record);
        if (!fault) return true;
        return Unexpected{BadLine{fault->fault, lines_.line_number(), fault->key, line_}};
    }
}

std::string_view NdjsonReader::foreign_form() const {
    struct Form {
        std::string_view magic;
        std::string_view name;
    };
    constexpr std::array forms{
        Form{"\xD4\xC3\xB2\xA1", "a pcap capture"},     Form{"\xA1\xB2\xC3\xD4", "a pcap capture"},
        Form{"\x4D\x3C\xB2\xA1", "a pcap capture"},     Form{"\xA1\xB2\x3C\x4D", "a pcap capture"},
        Form{"\x34\xCD\xB2\xA1", "a pcap capture"},     Form{"\xA1\xB2\xCD\x34", "a pcap capture"},
        Form{"\x0A\x0D\x0D\x0A", "a pcapng capture"},   Form{"\x1F\x8B", "compressed by gzip"},
        Form{"\x28\xB5\x2F\xFD", "compressed by zstd"}, Form{"SQLi", "an SQLite database"},
    };
    const std::string_view beginning = lines_.beginning();
    const auto* const form =
        std::ranges::find_if(forms, [&](const Form& f) { return beginning.starts_with(f.magic); });
    return form == forms.end() ? std::string_view{} : form->name;
}

std::string_view name(LineFault fault) {
    switch (fault) {
        case LineFault::bad_json: return "bad_json";
        case LineFault::no_object: return "no_object";
        case LineFault::no_kind: return "no_kind";
        case LineFault::no_time: return "no_time";
        case LineFault::bad_type: return "bad_type";
        case LineFault::bad_base64: return "bad_base64";
        case LineFault::too_deep: return "too_deep";
        case LineFault::too_long: return "too_long";
        case LineFault::count_: break;
    }
    return {};
}

std::string describe(const BadLine& bad) {
    std::string start = "line " + std::to_string(bad.line) + " is no record: ";
    switch (bad.fault) {
        case LineFault::bad_json: return start + "it is no well-formed JSON";
        case LineFault::no_object: return start + "it is JSON, but no object";
        case LineFault::no_kind: return start + "the key 'kind' is missing";
        case LineFault::no_time: return start + "neither 'micro_ts' nor a valid 'ts' says when it happened";
        case LineFault::bad_type: return start + excerpt(bad.key) + " has a value of the wrong type";
        case LineFault::bad_base64: return start + "the value of " + excerpt(bad.key) + " is no base64";
        case LineFault::too_deep:
            return start + excerpt(bad.key) + " is nested deeper than " +
                   std::to_string(LineParser::max_depth) + " levels";
        case LineFault::too_long: return start + "it is longer than any record may be";
        case LineFault::count_: break;
    }
    return start;
}

}  // namespace hepcap::record
