#include "record/written_members.hpp"

#include <simdjson.h>

#include <cstring>

#include "base/ascii.hpp"
#include "record/json_scan.hpp"
#include "record/json_unescape.hpp"
#include "record/key_index.hpp"

namespace hepcap::record {
namespace {

// All of these take a value that begins at `p` and return the octet behind it, or nullptr where the
// value is not theirs; what `record` has then does not matter.

// A string that is not plain, which is mostly the payload.
const char* take_special_text(const char* from, Text& text, char*& decoded) {
    const Unescaped unescaped = unescape_json(from, decoded);
    const auto size = static_cast<std::size_t>(unescaped.stop - from);
    if (*unescaped.stop != '"') return nullptr;
    if (unescaped.has_high && !simdjson::validate_utf8(from, size)) return nullptr;
    text = Text(decoded, static_cast<std::size_t>(unescaped.end - decoded));
    decoded = unescaped.end;
    return unescaped.stop + 1;
}

const char* take_text(const char* p, Text& text, char*& decoded) {
    if (*p != '"') return nullptr;
    const char* const from = p + 1;
    const char* const stop = find_special(from);
    if (*stop != '"') return take_special_text(from, text, decoded);
    text = Text(from, static_cast<std::size_t>(stop - from));
    return stop + 1;
}

const char* take_boolean(const char* p, Boolean& boolean) {
    constexpr std::string_view yes = "true";
    constexpr std::string_view no = "false";
    if (std::memcmp(p, yes.data(), yes.size()) == 0) {
        boolean = Boolean(true);
        return p + yes.size();
    }
    if (std::memcmp(p, no.data(), no.size()) == 0) {
        boolean = Boolean(false);
        return p + no.size();
    }
    return nullptr;
}

// A list of plain words: encap, codecs, parse.
const char* take_list(const char* const from, Json& json) {
    const char* p = from;
    if (*p != '[') return nullptr;
    do {
        if (p[1] != '"') return nullptr;
        p = find_special(p + 2);
        if (*p != '"') return nullptr;
        ++p;
    } while (*p == ',');
    if (*p != ']') return nullptr;
    ++p;
    json.text = {from, static_cast<std::size_t>(p - from)};
    return p;
}

const char* take_value(const char* p, const Member& member, Record& record, char*& decoded) {
    if (const auto* const text = std::get_if<Text Record::*>(&member)) {
        return take_text(p, record.**text, decoded);
    }
    if (const auto* const integer = std::get_if<Integer Record::*>(&member)) {
        return scan_number(p, (record.**integer).value);
    }
    if (const auto* const json = std::get_if<Json Record::*>(&member)) return take_list(p, record.**json);
    if (const auto* const boolean = std::get_if<Boolean Record::*>(&member)) {
        return take_boolean(p, record.**boolean);
    }
    return nullptr;
}

constexpr std::size_t method_field = key_index.find("method");

std::size_t hash_of(Text method) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(method[i]); };
    return method.size() < 2 ? method.size() : method.size() + octet(0) * 7u + octet(1) * 3u;
}

}  // namespace

const char* WrittenMembers::take(std::string_view line, Record& record, char*& decoded) {
    const char* const end = line.data() + line.size();
    if (!line.starts_with("{\"")) return line.data();
    std::size_t previous = no_field;
    Followers* followers = followers_.data();
    for (const char* member = line.data() + 1;;) {
        const char* p = member;
        const std::size_t field = take_key(p, (*followers)[previous]);
        if (field == no_field) return member;
        p = take_value(p, field_refs[field].member, record, decoded);
        if (p == nullptr) return member;
        previous = field;
        if (field == method_field) followers = &followers_[hash_of(record.method) % followers_.size()];
        if (*p == ',') {
            member = p + 1;
            continue;
        }
        if (*p != '}') return member;
        while (++p != end) {
            if (!is_blank(*p)) return member;
        }
        return nullptr;
    }
}

// The field whose key stands at `p`, which goes on to the value; or no_field.
std::size_t WrittenMembers::take_key(const char*& p, std::uint8_t& expected) {
    if (*p != '"') return no_field;
    std::size_t field = expected;
    if (!key_words[field].matches(p + 1)) {
        const char* const stop = find_special(p + 1);
        if (*stop != '"') return no_field;
        field = key_index.find(std::string_view(p + 1, static_cast<std::size_t>(stop - p) - 1));
        if (field == no_field) return no_field;
        expected = static_cast<std::uint8_t>(field);
    }
    p += field_refs[field].name.size() + 2;
    return *p == ':' ? (++p, field) : no_field;
}

}  // namespace hepcap::record
