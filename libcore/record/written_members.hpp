// The fast way into a record: members as ndjson_writer writes them, with nothing between the tokens,
// taken in one pass over the line.
//
// It judges nothing.  At the first member that is any different (a space, an unknown key, a value of
// another type, an escape by number) it stops and says where, and LineParser goes on from there; what it
// has passed is well-formed JSON in UTF-8, strings included.
//
// Which key followed which is remembered, for each method apart, so that a key that comes as it came
// last time costs one comparison.  (Measured on mixed traffic, of 38 keys a line 0.6 come otherwise;
// without regard to the method 3.5.)
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "record/fields.hpp"
#include "record/record.hpp"

namespace hepcap::record {

class WrittenMembers {
public:
    // Takes members of the object in `line` to `record`.  The octet behind the line must be a control
    // character, with JsonTokens::slack readable octets from there on; at `decoded`, which is moved on,
    // there is room for the text of the line and the slack.
    //
    // Returns the quote of the first member that it leaves, the line's beginning where it leaves all
    // and the brace, or nullptr where the line is done.
    const char* take(std::string_view line, Record& record, char*& decoded);

private:
    // The key that followed each key when it was seen last; the last slot is for the first key.
    using Followers = std::array<std::uint8_t, field_count + 1>;

    static std::size_t take_key(const char*& p, std::uint8_t& expected);

    std::array<Followers, 16> followers_{};  // by method, of which several may share one
};

}  // namespace hepcap::record
