#include "record/ndjson_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/decimal.hpp"
#include "record/base64.hpp"
#include "record/json_text.hpp"

namespace hepcap::record {

namespace {

// ,"name": of the field at Index, and for a text the quote that follows, made by the compiler.  Filled
// up to whole vectors, which are stored at once; what is too much is written over.
template <std::size_t Index>
struct Key {
    static constexpr std::string_view name = std::get<Index>(fields).name;
    static constexpr std::size_t size = name.size() + 4;
    static constexpr std::size_t stored = (size + 1 + 15) / 16 * 16;
    static_assert(stored <= Output::slack);

    static constexpr std::array<char, stored> octets = [] {
        std::array<char, stored> filled{};
        filled[0] = ',';
        filled[1] = '"';
        for (std::size_t i = 0; i < name.size(); ++i) filled[i + 2] = name[i];
        filled[name.size() + 2] = '"';
        filled[name.size() + 3] = ':';
        filled[name.size() + 4] = '"';
        return filled;
    }();
};

template <std::size_t Index>
char* append_key(char* p) {
    std::memcpy(p, Key<Index>::octets.data(), Key<Index>::stored);
    return p + Key<Index>::size;
}

// The longest number: a double with 17 digits, sign, point and exponent.
constexpr std::size_t max_number = 32;

static_assert(escape_slack <= Output::slack);
constexpr std::size_t max_size(Text value) { return max_escaped_size(value.size()); }
constexpr std::size_t max_size(Json value) { return value.text.size(); }
constexpr std::size_t max_size(Integer) { return 0; }
constexpr std::size_t max_size(Boolean) { return 0; }
constexpr std::size_t max_size(Real) { return 0; }

// All keys with quotes, "_b64" and room for a number: what a line takes beside its texts.
constexpr std::size_t max_fixed_size = std::apply(
    [](const auto&... field) { return (... + (field.name.size() + sizeof(",\"\":\"\"_b64") + max_number)); },
    fields);

template <std::size_t Index>
char* append_base64(char* p, Text value) {
    constexpr std::string_view suffix = "_b64\":\"";
    p = append_key<Index>(p) - 2;
    std::memcpy(p, suffix.data(), suffix.size());
    p = encode_base64(p + suffix.size(), value);
    *p++ = '"';
    return p;
}

template <std::size_t Index>
char* append_value(char* const start, Text value) {
    if (value.empty()) return start;
    char* p = append_key<Index>(start) + 1;
    p = escape_json(p, value);
    if (!p) [[unlikely]]
        return append_base64<Index>(start, value);
    *p++ = '"';
    return p;
}

template <std::size_t Index>
char* append_value(char* p, Integer value) {
    if (!value.present()) return p;
    p = append_key<Index>(p);
    return append_decimal(p, value.value);
}

template <std::size_t Index>
char* append_value(char* p, Boolean value) {
    if (!value.present()) return p;
    p = append_key<Index>(p);
    const std::string_view word = value.value != 0 ? "true" : "false";
    return std::copy(word.begin(), word.end(), p);
}

template <std::size_t Index>
char* append_value(char* p, Real value) {
    if (!value.present()) return p;
    p = append_key<Index>(p);
    return std::to_chars(p, p + max_number, value.value).ptr;
}

template <std::size_t Index>
char* append_value(char* p, Json value) {
    if (value.text.empty()) return p;
    p = append_key<Index>(p);
    return std::copy(value.text.begin(), value.text.end(), p);
}

template <bool all, std::size_t... Index>
char* append_fields(char* p, const Record& record, const FieldMask& mask, std::index_sequence<Index...>) {
    ((p = all || mask[Index] ? append_value<Index>(p, record.*std::get<Index>(fields).member) : p), ...);
    return p;
}

// The members that no key names, a brace before and behind them.
char* append_extra(char* p, std::string_view object) {
    if (object.size() <= 2) return p;
    *p++ = ',';
    return std::copy(object.begin() + 1, object.end() - 1, p);
}

}  // namespace

void append_ndjson(Output& out, const Record& record, const FieldMask& mask) {
    const std::size_t texts =
        std::apply([&](const auto&... field) { return (... + max_size(record.*field.member)); }, fields);
    char* const start = out.reserve(texts + record.extra.text.size() + max_fixed_size);
    // All but the payload, which is the last.
    constexpr std::size_t last = field_count - 1;
    constexpr auto others = std::make_index_sequence<last>{};
    char* p = start;
    if (mask.all()) {
        p = append_fields<true>(p, record, mask, others);
        p = append_extra(p, record.extra.text);
        p = append_value<last>(p, record.msg);
    } else {
        p = append_fields<false>(p, record, mask, others);
        if (mask[last]) p = append_value<last>(p, record.msg);
    }
    // Every key brought its comma; the first one becomes the brace.
    if (p == start) ++p;
    *start = '{';
    *p++ = '}';
    *p++ = '\n';
    out.commit(p);
}

}  // namespace hepcap::record
