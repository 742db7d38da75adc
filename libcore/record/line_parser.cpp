#include "record/line_parser.hpp"

#include <bit>
#include <charconv>
#include <cstring>

#include "base/ascii.hpp"
#include "record/base64.hpp"
#include "record/key_index.hpp"
#include "record/time_text.hpp"

namespace hepcap::record {
namespace {

std::string_view trim_end(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// RFC 8259 section 6, of any size: a telephone number that lost its quotes may need more than 64 bits.
bool is_number(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t first = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at - first;
    };
    const auto skip_any_of = [&](std::string_view set) {
        return at < text.size() && set.find(text[at]) != std::string_view::npos ? (++at, true) : false;
    };
    skip_any_of("-");
    const std::size_t first = at;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
    if (skip_any_of(".") && digits() == 0) return false;
    if (skip_any_of("eE")) {
        skip_any_of("+-");
        if (digits() == 0) return false;
    }
    return at == text.size();
}

// What is wrong with a value that is not of the type its key wants.
LineFault type_or_syntax(std::string_view token) {
    const bool is_json = token.starts_with('{') || token.starts_with('[') || token == "true" ||
                         token == "false" || is_number(token);
    return is_json ? LineFault::bad_type : LineFault::bad_json;
}

bool needs_time(std::string_view kind) {
    return kind == kind::sip || kind == kind::rtcp || kind == kind::report || kind == kind::log;
}

}  // namespace

// Readies the thorough way for what is left of the line.
void LineParser::start(std::string_view text) {
    line_ = text;
    tokens_ = index_.find(text);
    at_ = 0;
    extra_.clear();
    previous_ = no_field;
}

std::optional<LineParser::Fault> LineParser::parse(std::string_view line, Record& record) {
    // Copied, which is faster than to make one anew: most members are not zeros when they are absent.
    static const Record blank;
    record = blank;
    // What a string or base64 stands for is never longer than its text.
    const std::size_t room = line.size() + JsonTokens::slack;
    if (decoded_.size() < room) decoded_.resize(std::bit_ceil(room));
    decoded_end_ = decoded_.data();
    const char* rest = line.data();
    // Text of others may go on where the line ends, and the fast way would not notice.
    if (static_cast<unsigned char>(*(line.data() + line.size())) < 0x20) {
        rest = written_.take(line, record, decoded_end_);
    }
    if (rest != nullptr) {
        const auto taken = static_cast<std::size_t>(rest - line.data());
        start(line.substr(taken));
        if (const auto fault = taken > 0 ? take_members(record) : take_line(record)) return fault;
    }
    if (const Problem problem = finish(record)) return Fault{*problem, {}};
    return std::nullopt;
}

std::optional<LineParser::Fault> LineParser::take_line(Record& record) {
    if (!skip('{')) {
        std::string_view value;
        const Problem problem = take_raw(value);
        const bool is_json = problem ? *problem == LineFault::too_deep : at_ == tokens_.size();
        return Fault{is_json ? LineFault::no_object : LineFault::bad_json, {}};
    }
    if (!skip('}')) return take_members(record);
    if (at_ != tokens_.size()) return Fault{LineFault::bad_json, {}};
    return std::nullopt;
}

// One member or more, up to the end of the line.
std::optional<LineParser::Fault> LineParser::take_members(Record& record) {
    do {
        if (auto fault = take_member(record)) return fault;
    } while (skip(','));
    if (!skip('}') || at_ != tokens_.size()) return Fault{LineFault::bad_json, {}};
    if (!extra_.empty()) {
        extra_ += '}';
        record.extra.text = extra_;
    }
    return std::nullopt;
}

std::optional<LineParser::Fault> LineParser::take_member(Record& record) {
    if (peek() != '"') return Fault{LineFault::bad_json, {}};
    const char* const raw = line_.data() + tokens_[at_] + 1;
    std::size_t field = find_expected(raw);
    std::string_view raw_key;
    std::string_view key;
    if (field != no_field) {
        ++at_;
    } else {
        const std::string_view token = take_token();
        raw_key = token.substr(1, token.size() - 2);
        key = raw_key;
        if (raw_key.find('\\') != std::string_view::npos) {
            --at_;
            if (!take_string(key)) return Fault{LineFault::bad_json, {}};
        }
        field = key_index.find(key);
    }
    if (!skip(':')) return Fault{LineFault::bad_json, {}};
    Problem problem;
    if (field != no_field) {
        follower_[previous_] = static_cast<std::uint8_t>(field);
        previous_ = field;
        key = field_refs[field].name;
        problem = take_value(field, record);
    } else if (Text Record::*const text = text_of_base64_key(key)) {
        problem = take_base64(record.*text);
    } else {
        problem = take_unknown(raw_key);
    }
    if (!problem) return std::nullopt;
    return Fault{*problem, *problem == LineFault::bad_json ? std::string_view{} : key};
}

// The key that followed the one before last time, if it does so again.
std::size_t LineParser::find_expected(const char* key) const {
    const std::size_t expected = follower_[previous_];
    return key_words[expected].matches(key) ? expected : no_field;
}

LineParser::Problem LineParser::take_value(std::size_t field, Record& record) {
    const Member& member = field_refs[field].member;
    if (const auto* const text = std::get_if<Text Record::*>(&member)) return take_text(record.**text);
    if (const auto* const number = std::get_if<Integer Record::*>(&member)) {
        return take_integer(record.**number);
    }
    if (const auto* const json = std::get_if<Json Record::*>(&member)) return take_json(record.**json);
    if (const auto* const real = std::get_if<Real Record::*>(&member)) return take_real(record.**real);
    return take_boolean(record.**std::get_if<Boolean Record::*>(&member));
}

LineParser::Problem LineParser::take_text(Text& text) {
    if (peek() == '"') return take_string(text) ? Problem{} : LineFault::bad_json;
    text = {};
    if (take_null()) return std::nullopt;
    text = take_token();
    return is_number(text) ? Problem{} : type_or_syntax(text);
}

LineParser::Problem LineParser::take_integer(Integer& integer) {
    integer = Integer{};
    if (take_null()) return std::nullopt;
    Text text;
    if (peek() == '"') {
        if (!take_string(text)) return LineFault::bad_json;
        if (text.empty()) return std::nullopt;
    } else {
        text = take_token();
        if (!is_number(text)) return type_or_syntax(text);
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer.value);
    if (error == std::errc{} && end == text.data() + text.size()) return std::nullopt;
    return LineFault::bad_type;
}

LineParser::Problem LineParser::take_boolean(Boolean& boolean) {
    boolean = Boolean{};
    if (take_null()) return std::nullopt;
    if (peek() == '"') return LineFault::bad_type;
    const std::string_view text = take_token();
    if (text != "true" && text != "false") return type_or_syntax(text);
    boolean = Boolean(text == "true");
    return std::nullopt;
}

LineParser::Problem LineParser::take_real(Real& real) {
    real = Real{};
    if (take_null()) return std::nullopt;
    Text text;
    if (peek() == '"') {
        if (!take_string(text)) return LineFault::bad_json;
        if (text.empty()) return std::nullopt;
        if (!is_number(text)) return LineFault::bad_type;
    } else {
        text = take_token();
        if (!is_number(text)) return type_or_syntax(text);
    }
    // Beyond the range of a double nothing is left of the number: it counts as the wrong type.
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real.value);
    return error == std::errc{} ? Problem{} : LineFault::bad_type;
}

LineParser::Problem LineParser::take_json(Json& json) {
    json.text = {};
    if (take_null()) return std::nullopt;
    if (const Problem problem = take_raw(json.text)) return problem;
    if (json.text == "\"\"") json.text = {};
    return std::nullopt;
}

LineParser::Problem LineParser::take_base64(Text& text) {
    Text encoded;
    if (peek() != '"') return LineFault::bad_type;
    // Where the string had escapes it lies here, and is decoded in its place: there is no room for both.
    char* const to = decoded_end_;
    if (!take_string(encoded)) return LineFault::bad_json;
    char* const end = decode_base64(to, encoded);
    if (end == nullptr) return LineFault::bad_base64;
    text = Text(to, static_cast<std::size_t>(end - to));
    decoded_end_ = end;
    return std::nullopt;
}

LineParser::Problem LineParser::take_unknown(std::string_view raw_key) {
    std::string_view value;
    if (const Problem problem = take_raw(value)) return problem;
    extra_ += extra_.empty() ? '{' : ',';
    extra_ += '"';
    extra_ += raw_key;
    extra_ += "\":";
    extra_ += value;
    return std::nullopt;
}

// The token at hand as it is written: up to the next one, without the spaces between.
std::string_view LineParser::take_token() {
    if (at_ == tokens_.size()) return {};
    const std::size_t begin = tokens_[at_++];
    const std::size_t end = at_ < tokens_.size() ? tokens_[at_] : line_.size();
    return trim_end(line_.substr(begin, end - begin));
}

// A string, at whose quote the parser stands.  Without escapes it is a view of the line.
bool LineParser::take_string(Text& text) {
    const std::string_view token = take_token();
    text = token.substr(1, token.size() - 2);
    if (text.find('\\') == Text::npos) return true;
    char* const end = index_.unescape(token.data() + 1, decoded_end_);
    if (end == nullptr) return false;
    text = Text(decoded_end_, static_cast<std::size_t>(end - decoded_end_));
    decoded_end_ = end;
    return true;
}

bool LineParser::take_null() {
    if (peek() != 'n') return false;
    if (take_token() == "null") return true;
    --at_;
    return false;
}

bool LineParser::is_scalar(std::string_view token) {
    if (token.starts_with('"')) {
        // Only whether the escapes are good counts: the next string may be put over this one.
        return token.find('\\') == std::string_view::npos ||
               index_.unescape(token.data() + 1, decoded_end_) != nullptr;
    }
    return is_number(token) || token == "true" || token == "false" || token == "null";
}

// A value of any shape as it is written.  It is passed on as it stands, so the grammar is checked; one
// bit a level says whether an object is open there.
LineParser::Problem LineParser::take_raw(std::string_view& raw) {
    if (at_ == tokens_.size()) return LineFault::bad_json;
    const std::size_t begin = tokens_[at_];
    std::uint64_t is_object = 0;
    int depth = 0;
    while (true) {
        bool is_open = false;
        if (peek() == '{' || peek() == '[') {
            if (depth == max_depth) return LineFault::too_deep;
            is_object = is_object << 1 | (peek() == '{' ? 1u : 0u);
            ++depth;
            ++at_;
            is_open = true;
        } else if (!is_scalar(take_token())) {
            return LineFault::bad_json;
        }
        // Behind a value: close what ends here, until a comma asks for the next value.
        while (depth > 0) {
            const bool in_object = (is_object & 1) != 0;
            if (skip(in_object ? '}' : ']')) {
                is_object >>= 1;
                --depth;
                is_open = false;
                continue;
            }
            if (!is_open && !skip(',')) return LineFault::bad_json;
            if (in_object && (peek() != '"' || !is_scalar(take_token()) || !skip(':'))) {
                return LineFault::bad_json;
            }
            break;
        }
        if (depth == 0) break;
    }
    const std::size_t end = at_ < tokens_.size() ? tokens_[at_] : line_.size();
    raw = trim_end(line_.substr(begin, end - begin));
    return std::nullopt;
}

LineParser::Problem LineParser::finish(Record& record) {
    if (record.kind.empty()) return LineFault::no_kind;
    if (record.micro_ts.present()) return std::nullopt;
    if (!record.ts.empty()) {
        if (const std::optional<Timestamp> time = parse_time(record.ts)) {
            record.micro_ts = time->micros();
            return std::nullopt;
        }
    }
    return needs_time(record.kind) ? Problem{LineFault::no_time} : std::nullopt;
}

}  // namespace hepcap::record
