// Recorded datagrams and public vectors.  Those that belong to others are not in the tree: without
// the folder that holds them their test says so and checks nothing.
#include <doctest/doctest.h>

#include <cstdlib>
#include <iterator>

#include "base/cursor.hpp"
#include "hep/frames.hpp"

namespace hepcap::hep::test {

namespace {

namespace fs = std::filesystem;

fs::path shared() {
    const char* named = std::getenv("HEPCAP_SHARED");
    return named != nullptr ? fs::path(named) : fs::path(HEPCAP_SOURCE_DIR) / ".." / "shared";
}

Octets read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    return octets(content);
}

// UDP payloads of a little-endian savefile with Ethernet, IPv4 without options, UDP.
std::vector<Octets> udp_payloads(const fs::path& path) {
    constexpr std::size_t file_header = 24;
    constexpr std::size_t headers = 14 + 20 + 8;
    std::vector<Octets> out;
    const Octets content = read_file(path);
    for (Cursor c(Bytes(content).subspan(std::min(file_header, content.size()))); c.remaining() > 0;) {
        c.skip(8);
        const std::size_t captured = c.u32_le();
        c.skip(4);
        const Bytes packet = c.take(captured);
        if (!c.ok() || packet.size() < headers) break;
        out.emplace_back(packet.begin() + headers, packet.end());
    }
    return out;
}

struct Row {
    std::string_view name;
    const char* refused;
    const char* notes;
};

}  // namespace

TEST_SUITE_BEGIN("hep");

TEST_CASE("each odd datagram of the recorded set is decoded or refused by cause") {
    const Row rows[] = {
        {"good", "", ""},
        {"only the magic", "short-header", ""},
        {"magic and length, no chunk", "length-beyond-datagram", ""},
        {"cut inside a chunk", "length-beyond-datagram", ""},
        {"total length 100 less", "chunk-beyond-message", ""},
        {"total length 65535", "length-beyond-datagram", ""},
        {"unknown generic chunk", "", ""},
        {"vendor 9 chunk first", "", ""},
        {"chunk of length 0", "chunk-length-below-header", ""},
        {"chunk of length 5", "chunk-length-below-header", ""},
        {"no payload chunk", "", "no-payload"},
        {"payload compressed with zlib", "", "compressed"},
        {"chunks in reverse order", "", ""},
        {"16 octets after the message", "", "trailing-bytes"},
        {"HEP1 cut in its header", "short-fixed-header", ""},
        {"HEP2 header without payload", "missing-payload", ""},
    };
    const fs::path path = fs::path(HEPCAP_SOURCE_DIR) / "testdata/recorded/hep-odd-datagrams.pcap";
    const std::vector<Octets> datagrams = udp_payloads(path);
    REQUIRE(datagrams.size() == std::size(rows));
    for (std::size_t i = 0; i < datagrams.size(); ++i) {
        CAPTURE(rows[i].name);
        CHECK(looks_like_hep(datagrams[i]));
        capture::Datagram datagram = carrier(datagrams[i]);
        datagram.time = Timestamp::from_parts(1'795'384'600, 0);
        Decoder decoder;
        Message message;
        const auto used = decoder.decode(datagrams[i], datagram, message);
        CHECK((used ? "" : refusal_name(used.error())) == rows[i].refused);
        if (!used) continue;
        CHECK(message.correlation_id.empty());
        CHECK(message.capture_agent_id == 2001);
        for (unsigned n = 0; n < static_cast<unsigned>(Note::count_); ++n) {
            const auto note = static_cast<Note>(n);
            CHECK(message.notes.has(note) == (note_name(note) == rows[i].notes));
        }
    }
}

TEST_CASE("the specification's example message is decoded") {
    const fs::path path = shared() / "captures/public/hep/vectors/hep-erlang__hepv3-spec-example.bin";
    if (!fs::exists(path)) {
        MESSAGE("left out: no ", path.string());
        return;
    }
    const Decoded d(read_file(path));
    CHECK(d.refused == "");
    CHECK(d.used == 113);
    CHECK(d.notes() == "far-time");
    CHECK(d.message.transport == Transport::udp);
    CHECK(d.message.source.address.to_text() == "212.202.0.1");
    CHECK(d.message.source.port == 12010);
    CHECK(d.message.destination.address.to_text() == "82.116.0.211");
    CHECK(d.message.destination.port == 5060);
    CHECK(d.message.time.micros() == 1'313'440'459'120'000);
    CHECK(d.message.protocol_type == ProtocolType::sip);
    CHECK(d.message.capture_agent_id == 228);
    CHECK(d.payload() == "INVITE sip:bob");
}

TEST_CASE("the vectors of other projects are decoded as their senders meant them") {
    struct Vector {
        std::string_view file;
        int version;
        std::size_t payload_size;
        const char* notes;
    };
    const Vector vectors[] = {
        {"heplify-server__hepPacket.bin", 3, 673, ""},
        {"heplify-server__hepV2Packet.bin", 1, 519, ""},
        {"sip3-salto__hepv2-sip.bin", 2, 7, ""},
        {"sip3-salto__hepv3-rtcp-json.bin", 3, 546, ""},
    };
    const fs::path folder = shared() / "captures/public/hep/vectors";
    if (!fs::exists(folder)) {
        MESSAGE("left out: no ", folder.string());
        return;
    }
    for (const Vector& vector : vectors) {
        CAPTURE(vector.file);
        const Decoded d(read_file(folder / vector.file));
        CHECK(looks_like_hep(d.frame));
        CHECK(d.refused == "");
        CHECK(int{d.message.version} == vector.version);
        CHECK(d.message.payload.size() == vector.payload_size);
        CHECK(d.notes() == vector.notes);
    }
}

TEST_SUITE_END();

}  // namespace hepcap::hep::test
