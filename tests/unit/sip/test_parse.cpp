#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "sip/parse.hpp"

using namespace hepcap::sip;

namespace {

const HeaderNames names;

// A message is a view: the texts of a test case stay until the program ends.
Message parse_kept(std::string text, const HeaderNames& header_names = names, bool is_cut = false) {
    static std::deque<std::string> kept;
    kept.push_back(std::move(text));
    return parse(kept.back(), header_names, is_cut);
}

std::string request(std::string_view headers, std::string_view body = "") {
    std::string text = "INVITE sip:bob@biloxi.example.com SIP/2.0\r\n";
    text.append(headers).append("\r\n").append(body);
    return text;
}

constexpr std::string_view sound_headers =
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnashds8\r\n"
    "From: \"Alice\" <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\n"
    "To: Bob <sip:bob@biloxi.example.com>\r\n"
    "Call-ID: 3848276298220188511@atlanta.example.com\r\n"
    "CSeq: 1 INVITE\r\n";

bool has_only(const Notes& notes, std::initializer_list<Note> expected) {
    Notes wanted;
    for (const Note note : expected) wanted.add(note);
    for (unsigned i = 0; i < static_cast<unsigned>(Note::count_); ++i) {
        const auto note = static_cast<Note>(i);
        if (notes.has(note) != wanted.has(note)) return false;
    }
    return true;
}

}  // namespace

TEST_SUITE("sip") {
    TEST_CASE("a message is SIP by its start line alone") {
        struct Row {
            const char* name;
            std::string_view payload;
            bool is_sip;
        };
        const Row rows[] = {
            {"request", "OPTIONS sip:a@b SIP/2.0\r\n", true},
            {"request without any header", "OPTIONS sip:a SIP/2.0", true},
            {"unknown method", "FOO-BAR!* sip:a@b SIP/2.0\r\n", true},
            {"another version", "INVITE sip:a@b SIP/7.0\r\n", true},
            {"version in lower case", "INVITE sip:a@b sip/2.0\r\n", true},
            {"tel URI", "INVITE tel:+123 SIP/2.0\r\n", true},
            {"two blanks in the request line", "INVITE  sip:a@b  SIP/2.0\r\n", true},
            {"blank behind the version", "INVITE sip:a@b SIP/2.0 \r\n", true},
            {"line feed alone", "INVITE sip:a@b SIP/2.0\n", true},
            {"line ends before", "\r\n\r\nINVITE sip:a@b SIP/2.0\r\n", true},
            {"reply", "SIP/2.0 200 OK\r\n", true},
            {"reply without phrase", "SIP/2.0 200\r\n", true},
            {"reply with an enormous code", "SIP/2.0 4294967301 better not\r\n", true},
            {"HTTP request", "GET /index.html HTTP/1.1\r\n", false},
            {"HTTP reply", "HTTP/1.1 200 OK\r\n", false},
            {"SSDP", "NOTIFY * HTTP/1.1\r\n", false},
            {"no URI", "INVITE SIP/2.0\r\n", false},
            {"no method", " sip:a@b SIP/2.0\r\n", false},
            {"version on the second line", "INVITE sip:a@b\r\n SIP/2.0\r\n", false},
            {"reply without code", "SIP/2.0 OK and more\r\n", false},
            {"keep-alive", "\r\n\r\n", false},
            {"RTP", std::string_view("\x80\x00\x12\x34 SIP/2.0\r\n", 14), false},
            {"empty", "", false},
            {"STUN", std::string_view("\x00\x01\x00\x00\x21\x12\xa4\x42 x SIP/2.0", 18), false},
        };
        for (const Row& row : rows) {
            CAPTURE(row.name);
            CHECK(is_sip(row.payload) == row.is_sip);
        }
    }

    TEST_CASE("a sound request gives every part and no note") {
        const std::string text = request(std::string(sound_headers) + "Content-Length: 3\r\n", "abc");
        const Message m = parse_kept(text, names);
        CHECK(m.is_request);
        CHECK(m.method == "INVITE");
        CHECK(m.request_uri.whole == "sip:bob@biloxi.example.com");
        CHECK(m.request_uri.user == "bob");
        CHECK(m.request_uri.host == "biloxi.example.com");
        CHECK(m.via == "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnashds8");
        CHECK(m.via_branch == "z9hG4bKnashds8");
        CHECK(m.from.display_name == "Alice");
        CHECK(m.from.uri.user == "alice");
        CHECK(m.from.tag == "9fxced76sl");
        CHECK(m.to.display_name == "Bob");
        CHECK(m.to.tag.empty());
        CHECK(m.call_id == "3848276298220188511@atlanta.example.com");
        CHECK(m.cseq == "1 INVITE");
        CHECK(m.cseq_method == "INVITE");
        CHECK(m.body == "abc");
        CHECK(m.notes.empty());
    }

    TEST_CASE("a reply keeps its code as text and its phrase whole") {
        const std::string text = "SIP/2.0 180 Ringing here\r\n" + std::string(sound_headers) + "\r\n";
        const Message m = parse_kept(text, names);
        CHECK_FALSE(m.is_request);
        CHECK(m.status == 180);
        CHECK(m.status_text == "180");
        CHECK(m.reason_phrase == "Ringing here");
        CHECK(m.notes.empty());
    }

    TEST_CASE("what is wrong is noted and nothing else") {
        struct Row {
            const char* name;
            std::string text;
            std::vector<Note> notes;
        };
        const std::string sound(sound_headers);
        const auto without = [&](std::string_view name) {
            const std::size_t start = sound.find(name);
            return request(sound.substr(0, start) + sound.substr(sound.find("\r\n", start) + 2));
        };
        const std::vector<Row> rows = {
            {"no Via", without("Via"), {Note::no_via}},
            {"no From", without("From"), {Note::no_from}},
            {"no To", without("To"), {Note::no_to}},
            {"no Call-ID", without("Call-ID"), {Note::no_callid}},
            {"no CSeq", without("CSeq"), {Note::no_cseq}},
            {"line ends before the message", "\r\n" + request(sound), {Note::leading_crlf}},
            {"another version", "INVITE sip:a@b SIP/3.0\r\n" + sound + "\r\n", {Note::bad_version}},
            {"two blanks", "INVITE  sip:a@b SIP/2.0\r\n" + sound + "\r\n", {Note::bad_start_line}},
            {"unreadable Request-URI", "INVITE bob SIP/2.0\r\n" + sound + "\r\n", {Note::bad_request_uri}},
            {"a line without colon", request(sound + "rubbish\r\n"), {Note::bad_header_line}},
            {"no empty line", "INVITE sip:a@b SIP/2.0\r\n" + sound, {Note::no_end_of_headers}},
            {"a number too long for a length",
             request(sound + "Content-Length: 99999999999999999999\r\n"),
             {Note::bad_content_length}},
            {"body shorter than said", request(sound + "l: 5\r\n", "abc"), {Note::short_body}},
            {"body longer than said", request(sound + "l: 1\r\n", "abc"), {Note::extra_bytes}},
            {"unreadable Contact", request(sound + "Contact: <sip:a@b\r\n"), {Note::bad_contact}},
        };
        for (const Row& row : rows) {
            CAPTURE(row.name);
            const Message m = parse_kept(row.text);
            Notes wanted;
            for (unsigned i = 0; i < static_cast<unsigned>(Note::count_); ++i) {
                const auto note = static_cast<Note>(i);
                CAPTURE(note_name(note));
                CHECK(m.notes.has(note) ==
                      (std::find(row.notes.begin(), row.notes.end(), note) != row.notes.end()));
            }
        }
    }

    TEST_CASE("CSeq of another method is noted") {
        std::string text = request(sound_headers);
        text.replace(text.find("1 INVITE"), 8, "1 BYE");
        CHECK(has_only(parse_kept(text, names).notes, {Note::cseq_mismatch}));
    }

    TEST_CASE("a CSeq that is no number below 2^31 is noted and blames no method") {
        for (const std::string_view number : {"xx", "36893488147419103232", "2147483648", "-1"}) {
            CAPTURE(number);
            std::string text = request(sound_headers);
            text.replace(text.find("1 INVITE"), 1, number);
            CHECK(has_only(parse_kept(text).notes, {Note::bad_cseq}));
        }
    }

    TEST_CASE("of a custom header the first counts, empty or not") {
        CHECK(parse_kept(request("Mac: \r\nMac: one\r\n")).custom[0] == "");
    }

    TEST_CASE("headers match in any case, by compact form, with blanks before the colon") {
        const std::string text =
            "BYE sip:b@example.com SIP/2.0\r\nV : SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nf\t: "
            "<sip:a@example.com>;tag=1\r\n"
            "t:<sip:b@example.com>;TAG=2\r\ni:   call\r\ncSEQ: 7 BYE\r\nm: <sip:a@192.0.2.1:5070>\r\nc: "
            "text/plain\r\nl: 0\r\n\r\n";
        const Message m = parse_kept(text, names);
        CHECK(m.notes.empty());
        CHECK(m.via_branch == "z9hG4bK1");
        CHECK(m.from.tag == "1");
        CHECK(m.to.tag == "2");
        CHECK(m.call_id == "call");
        CHECK(m.contact.uri.port == 5070);
        CHECK(m.content_type == "text/plain");
    }

    TEST_CASE("a folded value keeps its fold, a blank behind a value stays") {
        const Message m = parse_kept(request("Reason: Q.850\r\n ;cause=16 \r\nUser-Agent: x  \r\n"), names);
        CHECK(m.reason == "Q.850\r\n ;cause=16 ");
        CHECK(m.user_agent == "x  ");
    }

    TEST_CASE("of repeated headers the first one counts, of several in one Contact the last") {
        const Message m = parse_kept(
            request("Via: SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b;branch=2\r\nVia: SIP/2.0/UDP c;branch=3\r\n"
                    "Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.2:5062>\r\nContact: <sip:c@192.0.2.3>\r\n"),
            names);
        CHECK(m.via == "SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b;branch=2");
        CHECK(m.via_branch == "1");
        CHECK(m.contact.uri.user == "b");
        CHECK(m.contact.uri.port == 5062);
    }

    TEST_CASE("a star in Contact is no address") {
        const Message m = parse_kept(request("Contact: *\r\n"), names);
        CHECK(m.has_contact_star);
        CHECK(m.contact.uri.host.empty());
    }

    TEST_CASE("the identity is that of the first header that can be read") {
        CHECK(parse_kept(
                  request("Remote-Party-ID: <sip:r@x>\r\nP-Asserted-Identity: \"A\" <sip:p@x>, <tel:+1>\r\n"),
                  names)
                  .identity_user == "p");
        CHECK(parse_kept(request("P-Preferred-Identity: <tel:+111>\r\n"), names).identity_user == "+111");
        CHECK(
            parse_kept(request("P-Asserted-Identity: <sip:p@x\r\nP-Preferred-Identity: <sip:q@x>\r\n"), names)
                .identity_user == "q");
        CHECK(parse_kept(request("P-Asserted-Identity: <bad>\r\nP-Preferred-Identity: <sip:q@x>\r\n"), names)
                  .identity_user == "");
    }

    TEST_CASE("the digest user stands without scheme and realm") {
        struct Row {
            std::string_view value;
            std::string_view user;
        };
        const Row rows[] = {
            {"Digest username=\"authuser@dom\",realm=\"x\"", "authuser"},
            {"Digest realm=\"username=\\\"no\\\"\", username=\"sip:1234@dom.example\"", "1234"},
            {"Digest realm=\"x\", username = plain", "plain"},
            {"Digest realm=\"x\\\"y\", username=\"good\"", "good"},
            {"Digest username=\"open", ""},
            {"Digest username=\"a@\"", "a@"},
            {"Digest xusername=\"no\"", ""},
            {"Basic username=\"no\"", ""},
            {"Digest username=\"", ""},
            {"Digest username", ""},
            {"", ""},
        };
        for (const Row& row : rows) {
            CAPTURE(row.value);
            CHECK(parse_kept(request("Authorization: " + std::string(row.value) + "\r\n"), names).auth_user ==
                  row.user);
        }
        CHECK(parse_kept(request("Authorization: Digest username=\"www\"\r\nProxy-Authorization: Digest "
                                 "username=\"proxy\"\r\n"),
                         names)
                  .auth_user == "proxy");
    }

    TEST_CASE("X-OIP is split inside its own value") {
        struct Row {
            std::string_view value;
            std::string_view host;
            int port;
        };
        const Row rows[] = {{"192.0.2.9:5099", "192.0.2.9", 5099},
                            {"192.0.2.9", "192.0.2.9", -1},
                            {"[2001:db8::1]:5060", "[2001:db8::1]", 5060},
                            {"2001:db8::1", "2001:db8::1", -1},
                            {"192.0.2.9:", "192.0.2.9", -1},
                            {"192.0.2.9:70000", "192.0.2.9", -1}};
        for (const Row& row : rows) {
            CAPTURE(row.value);
            const Message m =
                parse_kept(request("X-OIP: " + std::string(row.value) + "\r\nX-Next: a:1\r\n"), names);
            CHECK(m.originator_host == row.host);
            CHECK(m.originator_port == row.port);
        }
    }

    TEST_CASE("the first statistics header by rank wins, not by place") {
        CHECK(parse_kept(request("P-RTP-Stat: p\r\nX-RTP-Stat: x\r\n"), names).rtp_stat == "x");
        CHECK(parse_kept(request("RTP-RxStat: r\r\n"), names).rtp_stat == "r");
    }

    TEST_CASE("the A-leg header is the first of the list that is there, in any case") {
        const HeaderNames two({"X-CID", "X-CID2"}, {});
        CHECK(parse_kept(request("X-CID2: second\r\nx-cid: first\r\n"), two).call_id_aleg == "first");
        CHECK(parse_kept(request("X-CID2: second\r\n"), two).call_id_aleg == "second");
    }

    TEST_CASE("a custom header may be one that the parser knows") {
        const HeaderNames custom({"X-CID"}, {"User-Agent", "", "Subject"});
        const Message m = parse_kept(request("User-Agent: phone\r\nSubject: hello\r\n"), custom);
        CHECK(m.user_agent == "phone");
        CHECK(m.custom[0] == "phone");
        CHECK(m.custom[1] == "");
        CHECK(m.custom[2] == "hello");
    }

    TEST_CASE("a message cut by the snaplen says so and blames nothing on its sender") {
        const std::string text = request(std::string(sound_headers) + "Content-Length: 300\r\n", "abc");
        CHECK(has_only(parse_kept(text, names, true).notes, {Note::truncated}));
    }

    TEST_CASE("every prefix of a message is read without harm, views inside it") {
        const std::string text =
            request(std::string(sound_headers) +
                        "Contact: \"x\\\"y\" <sip:a@[2001:db8::1]:5060;lr>;expires=60\r\n"
                        "Authorization: Digest username=\"a\"\r\nX-OIP: [::1]:5\r\nContent-Length: 3\r\n",
                    "abc");
        for (std::size_t n = 0; n <= text.size(); ++n) {
            const std::string part = text.substr(0, n);
            if (!is_sip(part)) continue;
            const Message m = parse(part, names);
            for (const std::string_view view :
                 {m.method, m.call_id, m.via, m.body, m.header_block, m.contact.uri.host}) {
                if (view.empty()) continue;
                CHECK(view.data() >= part.data());
                CHECK(view.data() + view.size() <= part.data() + part.size());
            }
        }
    }

    TEST_CASE("all header fields come in their order, duplicates and folds kept") {
        const Message m = parse_kept(request("A: 1\r\nB : 2\r\n\t3\r\na:\r\n"), names);
        std::string seen;
        for_each_header(m.header_block, [&](std::string_view name, std::string_view value) {
            seen.append(name).append("=").append(value).append("|");
        });
        CHECK(seen == "A=1|B=2\r\n\t3|a=|");
    }

    TEST_CASE("an empty line ends the header even where the body begins with a blank") {
        const Message m = parse_kept("OPTIONS sip:a@b SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n body");
        CHECK(m.body == " body");
        CHECK_FALSE(m.notes.has(Note::bad_header_line));
        CHECK_FALSE(m.notes.has(Note::no_end_of_headers));
    }
}
