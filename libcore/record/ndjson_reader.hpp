// One line of JSON -> Record; the reverse of ndjson_writer.
//
// Keys may come in any order; in that of the field table they are read fastest.  Where a key comes
// twice the last one counts, as with other readers of JSON.
//
// What is put up with: digits where a text is due (a phone number written as a number is taken as it
// is spelled), digits in a text where an integer is due, null and "" for absent, `ts` without
// `micro_ts`, a text under its key with "_b64" behind it as base64.  Members that no key names are kept
// in Record::extra.  Anything else makes the line no record: it is reported with its number and cause,
// and reading goes on with the next line.
//
// Memory: the line buffer, a scratch of a line's size, and an index of 4 octets for each of a line's.
// The Record points into the first two and is valid until the next call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "record/line_parser.hpp"
#include "record/line_reader.hpp"
#include "record/record.hpp"

namespace hepcap::record {

struct BadLine {
    LineFault fault{};
    std::uint64_t line = 0;  // from 1
    std::string_view key;    // the key concerned, or empty
    std::string_view text;   // the line as it came; empty for too_long
};

// "line 17 is no record: 'source_port' has a value of the wrong type".
std::string describe(const BadLine& bad);

class NdjsonReader {
public:
    explicit NdjsonReader(LineReader lines) : lines_(std::move(lines)) {}

    // True: `record` is the next record.  False: there are no more.  An error: the line is no record,
    // and the next call goes on behind it.  Lines without content are passed over.  Throws Error where
    // the input cannot be read.
    Result<bool, BadLine> next(Record& record);

    // What the input is in place of records, "a pcap capture" or "compressed by gzip", by its first octets;
    // empty where it does not look like any such thing.  Worth a look once a line was no record.
    std::string_view foreign_form() const;

    // Number and text of the line that the last record came from.
    std::uint64_t line_number() const { return lines_.line_number(); }
    std::string_view line() const { return line_; }

private:
    LineReader lines_;
    LineParser parser_;
    std::string_view line_;
};

}  // namespace hepcap::record
