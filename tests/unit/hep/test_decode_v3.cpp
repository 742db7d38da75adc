#include <doctest/doctest.h>

#include "hep/frames.hpp"

namespace hepcap::hep::test {

TEST_SUITE_BEGIN("hep");

TEST_CASE("a HEP3 message of a SIP server gives each chunk to its member") {
    const Decoded d(hex_file("hep3-options"));
    CHECK(d.refused == "");
    CHECK(d.used == 135);
    CHECK(d.notes() == "");
    CHECK(d.message.version == 3);
    CHECK(d.message.transport == Transport::udp);
    CHECK(d.message.source.address.to_text() == "192.0.2.1");
    CHECK(d.message.source.port == 5060);
    CHECK(d.message.destination.address.to_text() == "192.0.2.2");
    CHECK(d.message.destination.port == 5070);
    CHECK(d.message.has_time);
    CHECK(d.message.time.micros() == 1'750'000'000'123'456);
    CHECK(d.message.has_protocol_type);
    CHECK(d.message.protocol_type == ProtocolType::sip);
    CHECK(d.message.has_capture_agent_id);
    CHECK(d.message.capture_agent_id == 2001);
    CHECK(d.message.correlation_id == "cid-x");
    CHECK(d.payload() == options);
    CHECK(d.message.peer.address.to_text() == "198.51.100.7");
    CHECK(d.message.peer.port == 40000);
}

TEST_CASE("a payload that is only the beginning of SIP is kept and noted") {
    const Decoded d(hex_file("hep3-reply-beginning"));
    CHECK(d.refused == "");
    CHECK(d.message.time.micros() == 1'428'400'000'123'456);
    CHECK(d.message.capture_agent_id == 77);
    CHECK(d.message.correlation_id == "c1");
    CHECK(d.payload() == "SIP");
    CHECK(d.notes() == "far-time not-sip");
}

TEST_CASE("chunks may come in any order, and those without a member are kept verbatim") {
    const Decoded d(hex_file("hep3-ipv6-all-members"));
    CHECK(d.refused == "");
    CHECK(d.notes() == "");
    CHECK(d.message.transport == Transport::tls);
    CHECK(d.message.source.address.to_text() == "2001:db8::1");
    CHECK(d.message.destination.address.to_text() == "2001:db8::2");
    CHECK(d.message.has_vlan);
    CHECK(d.message.vlan == 100);
    CHECK(d.message.capture_agent_name == "edg");
    CHECK(d.message.auth_key == "secre");
    CHECK(d.payload() == options);
    REQUIRE(d.message.extra.size() == 2);
    CHECK(d.message.extra[0].vendor_id == 0);
    CHECK(d.message.extra[0].type_id == 0x18);
    CHECK(d.message.extra[0].value[0] == 0x2e);
    CHECK(d.message.extra[1].vendor_id == 8);
    CHECK(d.message.extra[1].type_id == 1);
    CHECK(as_text(d.message.extra[1].value) == "abc");
}

TEST_CASE("every proper prefix of a HEP3 message is refused") {
    for (const std::string_view name : {"hep3-options", "hep3-ipv6-all-members"}) {
        CAPTURE(name);
        const Octets whole = hex_file(std::string(name));
        for (std::size_t size = 0; size < whole.size(); ++size) {
            CAPTURE(size);
            const Octets prefix = first(whole, size);
            CHECK(Decoded(prefix).refused == (size < 6 ? "short-header" : "length-beyond-datagram"));
            CHECK(Decoded(prefix, true).refused == "truncated");
        }
    }
}

TEST_CASE("a message that the snaplen cut is refused, but says whose it was") {
    const Decoded d(first(hex_file("hep3-options"), 125), true);
    CHECK(d.refused == "truncated");
    CHECK(d.message.is_cut);
    CHECK(d.message.source.address.to_text() == "192.0.2.1");
    CHECK(d.message.capture_agent_id == 2001);
    CHECK(d.message.correlation_id == "cid-x");
    CHECK(d.message.payload.empty());
}

TEST_CASE("a complete message is not cut, even where the snaplen took what follows it") {
    const Decoded d(hex_file("hep3-options") + Octets{1, 2, 3}, true);
    CHECK(d.refused == "");
    CHECK_FALSE(d.message.is_cut);
}

TEST_CASE("the transport is that of the IP protocol number") {
    struct Row {
        std::uint8_t protocol;
        Transport transport;
        const char* notes;
    };
    const Row rows[] = {
        {17, Transport::udp, ""},
        {6, Transport::tcp, ""},
        {22, Transport::tls, ""},
        {132, Transport::sctp, ""},
        {0, Transport::none, "unknown-ip-protocol"},
        {50, Transport::none, "unknown-ip-protocol"},
    };
    for (const Row& row : rows) {
        CAPTURE(int{row.protocol});
        const Decoded d(hep3(usual_without({2}) + chunk(2, Octets{row.protocol})));
        CHECK(d.message.transport == row.transport);
        CHECK(d.notes() == row.notes);
    }
}

TEST_CASE("trailing NULs of C senders are no part of ids, names and keys") {
    const Octets extra = chunk(17, std::string_view("id\0\0", 4)) + chunk(19, std::string_view("n\0", 2)) +
                         chunk(14, std::string_view("k\0", 2));
    const Decoded d(hep3(usual_without({17}) + extra));
    CHECK(d.message.correlation_id == "id");
    CHECK(d.message.capture_agent_name == "n");
    CHECK(d.message.auth_key == "k");
}

TEST_CASE("a correlation id ends with its chunk, whatever octets follow") {
    const Decoded d(hep3(usual_without({17}) + chunk(17, "corr-A") + chunk(1, octets("x"), 0x4142)));
    CHECK(d.message.correlation_id == "corr-A");
}

TEST_CASE("a decoder leaves nothing of one message in the next") {
    Decoder decoder;
    Message message;
    const Octets rich = hex_file("hep3-ipv6-all-members");
    const Octets poor = hep3({});
    const capture::Datagram datagram = carrier({});
    REQUIRE(decoder.decode(rich, datagram, message));
    REQUIRE(decoder.decode(poor, datagram, message));
    CHECK_FALSE(message.has_time);
    CHECK_FALSE(message.has_protocol_type);
    CHECK_FALSE(message.has_capture_agent_id);
    CHECK_FALSE(message.has_vlan);
    CHECK(message.vlan == 0);
    CHECK(message.capture_agent_id == 0);
    CHECK(message.transport == Transport::none);
    CHECK(message.source == Endpoint{});
    CHECK(message.destination == Endpoint{});
    CHECK(message.time == datagram.time);
    CHECK(message.capture_agent_name.empty());
    CHECK(message.correlation_id.empty());
    CHECK(message.auth_key.empty());
    CHECK(message.payload.empty());
    CHECK(message.extra.empty());
}

TEST_CASE("every note and every refusal has a word of its own") {
    std::vector<std::string_view> words;
    for (unsigned i = 0; i < static_cast<unsigned>(Note::count_); ++i) {
        words.push_back(note_name(static_cast<Note>(i)));
    }
    for (unsigned i = 0; i < static_cast<unsigned>(Refusal::count_); ++i) {
        words.push_back(refusal_name(static_cast<Refusal>(i)));
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        CAPTURE(words[i]);
        CHECK_FALSE(words[i].empty());
        CHECK(words[i].find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == words[i].npos);
        for (std::size_t j = 0; j < i; ++j) CHECK(words[i] != words[j]);
    }
}

TEST_SUITE_END();

}  // namespace hepcap::hep::test
