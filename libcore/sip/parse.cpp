#include "sip/parse.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "sip/header_names.hpp"
#include "sip/parameters.hpp"
#include "sip/scan.hpp"
#include "sip/start_line.hpp"
#include "sip/uri.hpp"

namespace hepcap::sip {

namespace {

// What the pass over the header lines collects before it is taken apart: the first of each name.
class Found {
public:
    bool has(HeaderName h) const { return present_.has(h); }
    std::string_view operator[](HeaderName h) const {
        if (!has(h)) return {};
        const Value& value = values_[static_cast<std::size_t>(h)];
        return {value.data, value.size};
    }

    void add(HeaderName h, std::string_view value) {
        if (has(h)) return;
        present_.add(h);
        values_[static_cast<std::size_t>(h)] = {value.data(), value.size()};
    }

    std::size_t aleg_rank = static_cast<std::size_t>(-1);
    std::array<bool, 3> has_custom{};

private:
    // A view that need not be cleared: which ones mean something is known by the flags.
    struct Value {
        const char* data;
        std::size_t size;
    };

    Value values_[static_cast<std::size_t>(HeaderName::count_)];
    FlagSet<HeaderName> present_;
};

void match_named(const HeaderField& field, const HeaderNames& names, Found& found, Message& m) {
    for (std::size_t i = 0; i < names.call_id_aleg().size() && i < found.aleg_rank; ++i) {
        if (equal_ignore_case(field.name, names.call_id_aleg()[i])) {
            found.aleg_rank = i;
            m.call_id_aleg = field.value;
        }
    }
    for (std::size_t i = 0; i < names.custom().size() && i < m.custom.size(); ++i) {
        if (!found.has_custom[i] && equal_ignore_case(field.name, names.custom()[i])) {
            found.has_custom[i] = true;
            m.custom[i] = field.value;
        }
    }
}

// CSeq = 1*DIGIT LWS Method; the number is below 2^31 (RFC 3261 8.1.1.5).
void parse_cseq(std::string_view value, Message& m) {
    m.cseq = value;
    const std::size_t blank = find_any<' ', '\t', '\r', '\n'>(value);
    const std::string_view rest = trim(value.substr(blank));
    m.cseq_method = rest.substr(0, find_any<' ', '\t', '\r', '\n'>(rest));
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + blank, number);
    if (error != std::errc{} || end != value.data() + blank || number > 0x7fffffff || m.cseq_method.empty()) {
        m.notes.add(Note::bad_cseq);
    }
    if (m.is_request && !m.cseq_method.empty() && !equal(m.cseq_method, m.method))
        m.notes.add(Note::cseq_mismatch);
}

void parse_party(std::string_view value, NameAddr& party, Note bad, Message& m) {
    const AddressOutcome outcome = parse_address(value, Commas::are_text, party);
    if (!outcome.is_address) party = {};
    if (!outcome.has_uri) m.notes.add(bad);
}

void parse_contact(std::string_view value, Message& m) {
    if (trim(value) == "*") {
        m.has_contact_star = true;
        return;
    }
    // Of several in one header field Kamailio stores the last; a phone that registers from two places
    // lists the preferred one first, but the column decides.
    AddressOutcome outcome = parse_address(value, Commas::separate, m.contact);
    while (outcome.is_address && !trim(outcome.rest).empty()) {
        m.contact = {};
        outcome = parse_address(outcome.rest, Commas::separate, m.contact);
    }
    if (!outcome.is_address) m.contact = {};
    if (!outcome.has_uri) m.notes.add(Note::bad_contact);
}

// The first of the three that can be read as addresses decides; only its first URI counts.
void parse_identity(const Found& found, Message& m) {
    for (const HeaderName h :
         {HeaderName::p_asserted_identity, HeaderName::p_preferred_identity, HeaderName::remote_party_id}) {
        if (!found.has(h)) continue;
        NameAddr address;
        if (!parse_address(found[h], Commas::separate, address).is_address) continue;
        m.identity_user = address.uri.user;
        return;
    }
}

// username="sip:1234@example.org" -> 1234: without the part behind the @ and before the colon
// (names of one or two characters stay whole, as in Kamailio).
void parse_credentials(std::string_view value, Message& m) {
    value = trim_left(value);
    const std::size_t blank = find_any<' ', '\t', '\r', '\n'>(value);
    if (blank == value.size() || !equal_ignore_case(value.substr(0, blank), "Digest")) return;
    value.remove_prefix(blank + 1);
    constexpr std::string_view key = "username";
    for (std::size_t i = 0; i + key.size() < value.size(); ++i) {
        if (value[i] == '"') {  // skip quoted values: a realm may hold the word
            const std::size_t behind = skip_quoted(value, i);
            if (behind == std::string_view::npos) return;
            i = behind - 1;
            continue;
        }
        const bool starts_word = i == 0 || !is_token_char(value[i - 1]);
        if (!starts_word || !equal_ignore_case(value.substr(i, key.size()), key)) continue;
        std::string_view rest = trim_left(value.substr(i + key.size()));
        if (!rest.starts_with('=')) continue;
        rest = trim_left(rest.substr(1));
        std::string_view user;
        if (rest.starts_with('"')) {
            const std::size_t behind = skip_quoted(rest, 0);
            if (behind == std::string_view::npos) return;
            user = rest.substr(1, behind - 2);
        } else {
            user = rest.substr(0, find_any<',', ' ', '\t', '\r', '\n'>(rest));
        }
        if (user.size() > 2) {
            user = user.substr(0, user.find('@'));
            const std::size_t colon = user.find(':');
            if (colon != std::string_view::npos) user.remove_prefix(colon + 1);
        }
        m.auth_user = user;
        return;
    }
}

// X-OIP: address[:port]; the address may be an IPv6 reference in brackets.
void parse_originator(std::string_view value, Message& m) {
    value = trim(value);
    std::size_t colon = value.find(':');
    if (value.starts_with('[')) {
        const std::size_t close = value.find(']');
        if (close == std::string_view::npos) return;
        colon = value.find(':', close);
    } else if (colon != std::string_view::npos && value.find(':', colon + 1) != std::string_view::npos) {
        colon = std::string_view::npos;  // a bare IPv6 address has no port
    }
    m.originator_host = value.substr(0, colon);
    if (colon == std::string_view::npos) return;
    std::uint16_t port = 0;
    const std::string_view digits = value.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error == std::errc{} && end != digits.data()) m.originator_port = port;
}

std::string_view first_rtp_stat(const Found& found) {
    for (auto h = static_cast<std::size_t>(HeaderName::x_rtp_stat_add);
         h < static_cast<std::size_t>(HeaderName::count_); ++h) {
        if (found.has(static_cast<HeaderName>(h))) return found[static_cast<HeaderName>(h)];
    }
    return {};
}

// The body ends where Content-Length says or where the datagram does, whichever comes first.
void measure_body(const Found& found, std::string_view rest, bool is_cut, Message& m) {
    m.body = rest;
    if (!found.has(HeaderName::content_length)) return;
    const std::string_view digits = trim(found[HeaderName::content_length]);
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        m.notes.add(Note::bad_content_length);
    } else if (length > rest.size()) {
        if (!is_cut) m.notes.add(Note::short_body);
    } else {
        m.body = rest.substr(0, static_cast<std::size_t>(length));
        if (length < rest.size()) m.notes.add(Note::extra_bytes);
    }
}

void note_missing(const Found& found, Message& m) {
    struct Row {
        HeaderName header;
        Note note;
    };
    constexpr Row rows[] = {{HeaderName::via, Note::no_via},
                            {HeaderName::from, Note::no_from},
                            {HeaderName::to, Note::no_to},
                            {HeaderName::call_id, Note::no_callid},
                            {HeaderName::cseq, Note::no_cseq}};
    for (const Row& row : rows) {
        if (!found.has(row.header)) m.notes.add(row.note);
    }
}

void parse_values(const Found& found, Message& m) {
    if (found.has(HeaderName::from)) parse_party(found[HeaderName::from], m.from, Note::bad_from, m);
    if (found.has(HeaderName::to)) parse_party(found[HeaderName::to], m.to, Note::bad_to, m);
    if (found.has(HeaderName::contact)) parse_contact(found[HeaderName::contact], m);
    if (found.has(HeaderName::cseq)) parse_cseq(found[HeaderName::cseq], m);
    m.call_id = found[HeaderName::call_id];
    m.via = found[HeaderName::via];
    m.via_branch = find_first_via_branch(m.via);
    parse_identity(found, m);
    const bool proxy = found.has(HeaderName::proxy_authorization);
    parse_credentials(found[proxy ? HeaderName::proxy_authorization : HeaderName::authorization], m);
    if (found.has(HeaderName::x_oip)) parse_originator(found[HeaderName::x_oip], m);
    m.diversion = found[HeaderName::diversion];
    m.reason = found[HeaderName::reason];
    m.content_type = found[HeaderName::content_type];
    m.user_agent = found[HeaderName::user_agent];
    m.server = found[HeaderName::server];
    m.expires = found[HeaderName::expires];
    m.rtp_stat = first_rtp_stat(found);
}

}  // namespace

std::string_view note_name(Note note) {
    constexpr std::string_view names[] = {"truncated",         "leading-crlf",
                                          "bad-version",       "bad-start-line",
                                          "bad-request-uri",   "bad-header-line",
                                          "no-end-of-headers", "no-via",
                                          "no-from",           "no-to",
                                          "no-callid",         "no-cseq",
                                          "bad-from",          "bad-to",
                                          "bad-contact",       "bad-cseq",
                                          "cseq-mismatch",     "bad-content-length",
                                          "short-body",        "extra-bytes"};
    static_assert(std::size(names) == static_cast<std::size_t>(Note::count_));
    return names[static_cast<std::size_t>(note)];
}

HeaderNames::HeaderNames(std::vector<std::string> call_id_aleg, std::vector<std::string> custom)
    : call_id_aleg_(std::move(call_id_aleg)), custom_(std::move(custom)) {
    for (const auto* list : {&call_id_aleg_, &custom_}) {
        for (const std::string& name : *list) {
            include_known_ = include_known_ || find_header_name(name) != HeaderName::other;
            sizes_ |= std::uint64_t{1} << (name.size() & 63);
        }
    }
}

Message parse(std::string_view payload, const HeaderNames& names, bool is_cut) {
    Message m;
    const std::string_view text = skip_line_ends(payload);
    if (text.size() != payload.size()) m.notes.add(Note::leading_crlf);
    HeaderReader reader(text);
    parse_start_line(reader.take_line(), m);
    const char* const headers_begin = reader.rest().data();
    Found found;
    HeaderField field;
    while (reader.next(field)) {
        if (!field.is_valid) {
            m.notes.add(Note::bad_header_line);
            continue;
        }
        const HeaderName header = find_header_name(field.name);
        // Without a branch each: which header comes next cannot be foretold.
        const bool may_be_named = (header == HeaderName::other) | names.include_known();
        if (may_be_named & names.include_size(field.name.size())) match_named(field, names, found, m);
        found.add(header, field.value);
    }
    const std::string_view rest = reader.rest();
    m.header_block = {headers_begin, static_cast<std::size_t>(rest.data() - headers_begin)};

    parse_values(found, m);
    note_missing(found, m);
    if (is_cut) m.notes.add(Note::truncated);
    if (!reader.found_empty_line() && !is_cut) m.notes.add(Note::no_end_of_headers);
    measure_body(found, rest, is_cut, m);
    return m;
}

}  // namespace hepcap::sip
