#include "record/text_writer.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <string>

#include "base/bytes.hpp"

namespace hepcap::record {

namespace {

// Calls visit(text) with the value's text; numbers are printed into `scratch`.
template <class Visit>
void with_text(const Record& record, std::size_t key, Visit&& visit) {
    std::visit(
        [&]<class Type>(Type Record::*member) {
            const Type& value = record.*member;
            if constexpr (std::is_same_v<Type, Text>) {
                visit(value);
            } else if constexpr (std::is_same_v<Type, Json>) {
                visit(value.text);
            } else if (!value.present()) {
                visit(std::string_view{});
            } else if constexpr (std::is_same_v<Type, Boolean>) {
                visit(std::string_view{value.value != 0 ? "true" : "false"});
            } else {
                char digits[40];
                visit(std::string_view(
                    digits, static_cast<std::size_t>(fmt::format_to(digits, FMT_COMPILE("{}"), value.value) -
                                                     digits)));
            }
        },
        field_refs[key].member);
}

// SIP may hold anything, terminal escapes too: control characters other than those with a letter of
// their own are written as \xNN.
void append_tab_escaped(Output& out, std::string_view text) {
    constexpr std::string_view escapable = "\t\n\r\\";
    char* p = out.reserve(4 * text.size());
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        const std::size_t which = escapable.find(c);
        if (which != std::string_view::npos) {
            *p++ = '\\';
            *p++ = "tnr\\"[which];
        } else if (octet < 0x20 || octet == 0x7f) {
            *p++ = '\\';
            *p++ = 'x';
            *p++ = hex_digits[octet >> 4];
            *p++ = hex_digits[octet & 15];
        } else {
            *p++ = c;
        }
    }
    out.commit(p);
}

void append_csv_value(Output& out, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return out.append(text);
    char* p = out.reserve(2 * text.size() + 2);
    *p++ = '"';
    for (const char c : text) {
        if (c == '"') *p++ = '"';
        *p++ = c;
    }
    *p++ = '"';
    out.commit(p);
}

template <class AppendValue>
void append_list(Output& out, const Record& record, const FieldList& keys, std::string_view separator,
                 AppendValue append_value) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (i > 0) out.append(separator);
        with_text(record, keys[i], [&](std::string_view text) { append_value(out, text); });
    }
    out.append("\n");
}

// What a record says, in few words.
std::string headline(const Record& r) {
    if (r.kind != kind::sip) {
        return r.packet_type.present() ? fmt::format("{} {}", r.kind, r.packet_type.value)
                                       : std::string(r.kind);
    }
    const std::string_view reason = r.reply_reason;
    return r.status.present() ? fmt::format("{} {} ({})", r.method, reason, r.cseq_method)
                              : std::string(r.method);
}

}  // namespace

void append_summary(Output& out, const Record& r) {
    // SIP may hold anything, terminal escapes too: they must not reach the terminal.
    const auto clean = [](std::string_view text) {
        std::string copy(text);
        for (char& c : copy) {
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '.';
        }
        // U+0080 to U+009F are control characters too: C2 and an octet below A0.
        for (std::size_t i = 0; i + 1 < copy.size(); ++i) {
            if (copy[i] == '\xc2' && static_cast<unsigned char>(copy[i + 1]) < 0xa0)
                copy[i] = copy[i + 1] = '.';
        }
        return copy;
    };
    const std::string parties = r.from_user.empty() && r.to_user.empty()
                                    ? std::string{}
                                    : fmt::format("{} -> {}  ", clean(r.from_user), clean(r.to_user));
    out.append(fmt::format("{}  {}:{} -> {}:{}  {}  {}{}\n", r.ts, r.source_ip, r.source_port.value_or(0),
                           r.destination_ip, r.destination_port.value_or(0), clean(headline(r)), parties,
                           clean(r.callid.empty() ? r.correlation_id : r.callid)));
}

void append_tabbed(Output& out, const Record& record, const FieldList& keys) {
    append_list(out, record, keys, "\t", append_tab_escaped);
}

void append_csv_header(Output& out, const FieldList& keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (i > 0) out.append(",");
        out.append(field_refs[keys[i]].name);
    }
    out.append("\n");
}

void append_csv(Output& out, const Record& record, const FieldList& keys) {
    append_list(out, record, keys, ",", append_csv_value);
}

}  // namespace hepcap::record
