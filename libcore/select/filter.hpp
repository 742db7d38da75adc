// The record filter, `-Y`: one language over the record's keys in every tool.
//
//     method == "REGISTER" or status >= 400
//     source_ip == "192.0.2.0/24" and not user_agent ~ "(?i)scanner"
//     status in {401, 407, 500..599}
//
//     expression  = conjunction *( ("or" / "||") conjunction )
//     conjunction = term *( ("and" / "&&") term )
//     term        = ("not" / "!") term / "(" expression ")" / test
//     test        = key                                        ; the key is present
//                 / key ("==" / "!=" / "<" / "<=" / ">" / ">=") value
//                 / key ("~" / "!~") text                      ; RE2, not anchored
//                 / key "in" "{" item *( "," item ) "}"
//     item        = value / number ".." number                 ; both ends belong to the range
//     value       = text / number / "true" / "false"
//     text        = "…" or '…'; \" \' \\ \n \r \t are escapes, before any other character a
//                   backslash stays, so that "\d+" is the pattern it looks like
//     number      = decimal digits, with a sign or a fraction, or 0x and hexadecimal digits
//
// What the tests mean:
// - Of an absent key every test is false, `!=` and `!~` too, as in tshark; `not (a == b)` is true then.
// - Text is compared octet by octet.  A number beside a text key is compared by its spelling for
//   `==`, `!=` and `in`, and by its value for the others and for ranges, where the key's text is all digits:
//   `method == 200`, `method >= 400`.  A text beside a number key has to be a number.
// - The address keys (source_ip, destination_ip, contact_ip, originator_ip, sdp_ip) compare as
//   addresses, and `==`, `!=` and `in` take networks: "10.0.0.0/8".  A host name in such a key is text.
// - A list (encap, codecs, parse) passes `==`, `in` and `~` when one of its elements does; `!=` and
//   `!~` are their opposites, given that the key is there.  In objects (hep_extra, data, reports,
//   headers) only `~` looks, at the JSON text.
// - Patterns see UTF-8; an octet that is none of it matches only \C.  `.` does not match a newline.
//
// A Filter is a flat program that never changes: copies share it, threads may, and matching allocates
// nothing (apart from what RE2 caches up to its bound, and list elements with escapes that are longer than
// 256 octets).  Expressions come from users and configuration files: length, nesting and number of
// patterns are bounded, so that none of them can exhaust stack or memory.
#pragma once

#include <bitset>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "record/fields.hpp"

namespace hepcap::select {

struct FilterProgram;

class Filter {
public:
    static constexpr std::size_t max_length = 64 * 1024;
    static constexpr std::size_t max_depth = 64;     // "(" and "not" inside one another
    static constexpr std::size_t max_patterns = 64;  // each with up to 2 MiB in RE2

    using FieldSet = std::bitset<record::field_count>;

    // Throws Error with ExitCode::usage: where, what was found, what was expected.
    static Filter parse(std::string_view expression);

    bool matches(const record::Record& record) const;

    // The keys that decide, by index into record::field_refs; a builder may leave out all others.
    const FieldSet& fields() const;

    // The expression in its plain form: and, or, not, double quotes, no parenthesis without need.
    // parse(to_text()) is the same filter, as long as the escapes do not lead beyond max_length.
    std::string to_text() const;

private:
    explicit Filter(std::shared_ptr<const FilterProgram> program) : program_(std::move(program)) {}

    std::shared_ptr<const FilterProgram> program_;
};

}  // namespace hepcap::select
