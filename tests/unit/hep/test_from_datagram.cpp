#include <doctest/doctest.h>

#include "hep/frames.hpp"
#include "hep/from_datagram.hpp"

namespace hepcap::hep::test {

TEST_SUITE_BEGIN("hep");

TEST_CASE("a sniffed datagram becomes a message of version 0 with the packet's own time and ends") {
    capture::Datagram datagram = carrier(as_bytes(options));
    datagram.has_nanoseconds = true;
    datagram.is_cut = true;
    datagram.transport = Transport::udp;
    datagram.destination.port = 5070;
    datagram.origin.frame = 7;
    REQUIRE(datagram.encap.push({capture::LayerKind::vlan, 100, true}));

    Message message;
    message.auth_key = "left over";
    message.extra.push_back({});
    message.notes.add(Note::no_time);
    from_datagram(datagram, message);

    CHECK(message.version == 0);
    CHECK(message.has_time);
    CHECK(message.has_nanoseconds);
    CHECK(message.is_cut);
    CHECK(message.time == datagram.time);
    CHECK(message.transport == Transport::udp);
    CHECK(message.source == datagram.source);
    CHECK(message.destination == datagram.destination);
    CHECK(message.protocol_type == ProtocolType::sip);
    CHECK(as_text(message.payload) == options);
    CHECK(message.origin.frame == 7);
    CHECK_FALSE(message.encap.empty());
    CHECK(message.peer == Endpoint{});
    CHECK(message.auth_key.empty());
    CHECK(message.extra.empty());
    CHECK(message.notes.empty());
}

TEST_SUITE_END();

}  // namespace hepcap::hep::test
