// Fills a record from one line.  What stands there as our own writer writes it is taken on the fast way
// (written_members.hpp); from the first member on that is any different it goes through the tokens of the
// rest of the line, one member after the other, and judges what it sees.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/fields.hpp"
#include "record/json_tokens.hpp"
#include "record/record.hpp"
#include "record/written_members.hpp"

namespace hepcap::record {

// Why a line is no record.
enum class LineFault : std::uint8_t {
    bad_json,    // no well-formed JSON (RFC 8259), or no UTF-8
    no_object,   // JSON, but no object
    no_kind,     // the key `kind` is missing
    no_time,     // neither `micro_ts` nor `ts`, where the kind needs one
    bad_type,    // a value of the wrong type for its key
    bad_base64,  // a `_b64` value that is none
    too_deep,    // objects and arrays nested deeper than max_depth
    too_long,    // longer than the longest line allowed
    count_,
};

// "bad_json" and so on: the names of the counters.
std::string_view name(LineFault fault);

class LineParser {
public:
    static constexpr int max_depth = 64;

    struct Fault {
        LineFault fault;
        std::string_view key;
    };

    // Fills `record`, which then points into the line and into this object until the next call.  The
    // line must have JsonTokens::slack readable octets behind it; the fast way is open where the first of
    // them is a control character, a line feed for one.
    std::optional<Fault> parse(std::string_view line, Record& record);

private:
    using Problem = std::optional<LineFault>;

    void start(std::string_view text);
    std::optional<Fault> take_line(Record& record);
    std::optional<Fault> take_members(Record& record);
    std::optional<Fault> take_member(Record& record);
    std::size_t find_expected(const char* key) const;
    Problem take_text(Text& text);
    Problem take_integer(Integer& integer);
    Problem take_boolean(Boolean& boolean);
    Problem take_real(Real& real);
    Problem take_json(Json& json);
    Problem take_value(std::size_t field, Record& record);
    Problem take_base64(Text& text);
    Problem take_unknown(std::string_view raw_key);
    static Problem finish(Record& record);

    // First octet of the token at hand; NUL at the end of the line, which no token starts with.
    char peek() const { return at_ < tokens_.size() ? line_[tokens_[at_]] : '\0'; }
    bool skip(char token) { return peek() == token ? (++at_, true) : false; }
    std::string_view take_token();
    bool take_string(Text& text);
    bool take_null();
    bool is_scalar(std::string_view token);
    Problem take_raw(std::string_view& raw);

    WrittenMembers written_;
    JsonTokens index_;
    std::string_view line_;  // what the tokens are of: the line, or what the fast way has left of it
    std::span<const std::uint32_t> tokens_;
    std::size_t at_ = 0;
    std::vector<char> decoded_;  // strings that had escapes, and base64; never grows while a line is parsed
    char* decoded_end_ = nullptr;
    std::string extra_;
    std::size_t previous_ = field_count;
    // The key that followed each key when it was seen last; the last slot is for the first key.
    std::array<std::uint8_t, field_count + 1> follower_{};
};

}  // namespace hepcap::record
