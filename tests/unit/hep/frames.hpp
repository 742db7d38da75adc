// HEP frames for the tests of this room: stored ones from testdata/hep/*.hex (octets in hex, `#`
// starts a comment), and ones made chunk by chunk, so that a test shows only what is odd about its own.
#pragma once

#include <cctype>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "hep/decode.hpp"

namespace hepcap::hep::test {

using Octets = std::vector<std::uint8_t>;

inline Octets octets(std::string_view text) {
    const Bytes bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

inline Octets operator+(Octets a, const Octets& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

// A copy of its own, so that a sanitizer sees a read beyond its end.
inline Octets first(const Octets& octets, std::size_t size) {
    return {octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size)};
}

inline Octets from_hex(std::string_view text) {
    Octets out;
    unsigned half = 0;
    bool has_half = false;
    for (const char c : text) {
        if (std::isspace(static_cast<unsigned char>(c)) != 0) continue;
        const auto digit = static_cast<unsigned>(std::stoul(std::string(1, c), nullptr, 16));
        if (has_half) out.push_back(static_cast<std::uint8_t>(half << 4 | digit));
        half = digit;
        has_half = !has_half;
    }
    if (has_half) throw std::runtime_error("odd number of hex digits");
    return out;
}

inline Octets hex_file(const std::string& name) {
    std::ifstream file(std::filesystem::path(HEPCAP_SOURCE_DIR) / "testdata/hep" / (name + ".hex"));
    if (!file) throw std::runtime_error("no testdata/hep/" + name + ".hex");
    std::string digits;
    for (std::string line; std::getline(file, line);) digits += line.substr(0, line.find('#'));
    return from_hex(digits);
}

// A chunk whose length field tells the truth, or claims `length`.
inline Octets chunk(unsigned type, const Octets& value, unsigned vendor = 0, std::size_t length = 0) {
    if (length == 0) length = value.size() + 6;
    const Octets header{static_cast<std::uint8_t>(vendor >> 8), static_cast<std::uint8_t>(vendor),
                        static_cast<std::uint8_t>(type >> 8),   static_cast<std::uint8_t>(type),
                        static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
    return header + value;
}
inline Octets chunk(unsigned type, std::string_view value) { return chunk(type, octets(value)); }

// A HEP3 message of these octets, with a total length that tells the truth.
inline Octets hep3(const Octets& chunks, std::string_view magic = "HEP3") {
    const std::size_t total = chunks.size() + 6;
    return octets(magic) + Octets{static_cast<std::uint8_t>(total >> 8), static_cast<std::uint8_t>(total)} +
           chunks;
}

inline constexpr std::string_view options = "OPTIONS sip:b SIP/2.0\r\n\r\n";

// The chunks of testdata/hep/hep3-options.hex without those of the types named.
inline Octets usual_without(std::initializer_list<unsigned> left_out) {
    const std::pair<unsigned, Octets> all[] = {
        {1, {2}},
        {2, {17}},
        {3, {192, 0, 2, 1}},
        {4, {192, 0, 2, 2}},
        {7, {0x13, 0xc4}},
        {8, {0x13, 0xce}},
        {9, {0x68, 0x4e, 0xe1, 0x80}},
        {10, {0x00, 0x01, 0xe2, 0x40}},
        {11, {1}},
        {12, {0, 0, 0x07, 0xd1}},
        {17, octets("cid-x")},
        {15, octets(options)},
    };
    Octets out;
    for (const auto& [type, value] : all) {
        bool is_out = false;
        for (const unsigned t : left_out) is_out = is_out || t == type;
        if (!is_out) out = out + chunk(type, value);
    }
    return out;
}
inline Octets usual() { return usual_without({}); }

// HEP1 or HEP2 over IPv4 with the endpoints of hep1-options.hex; HEP2's time block is the caller's.
inline Octets fixed_header(std::uint8_t version, std::uint8_t header_length = 16, std::uint8_t family = 2,
                           std::uint8_t protocol = 17) {
    return Octets{version, header_length, family, protocol} + from_hex("13c4 13ce c0000201 c0000202");
}
inline Octets time_block() { return from_hex("80e14e68 40e20100 d107 0000"); }

// The datagram that carried a frame: one second after what the frames above say.
inline capture::Datagram carrier(Bytes payload) {
    capture::Datagram datagram;
    datagram.time = Timestamp::from_parts(1'750'000'001, 5'000);
    const std::uint8_t agent[] = {198, 51, 100, 7};
    datagram.source = {IpAddress::v4(agent), 40000};
    datagram.payload = payload;
    return datagram;
}

// What became of the first message in a frame.  The message points into `frame` and `decoder`.
struct Decoded {
    Octets frame;
    Decoder decoder;
    Message message;
    std::size_t used = 0;
    std::string refused;  // the refusal's name; empty when accepted

    explicit Decoded(Octets octets_in, bool is_cut = false) : frame(std::move(octets_in)) {
        capture::Datagram datagram = carrier(frame);
        datagram.is_cut = is_cut;
        const auto result = decoder.decode(frame, datagram, message);
        if (result) {
            used = *result;
        } else {
            refused = refusal_name(result.error());
        }
    }

    std::string_view payload() const { return as_text(message.payload); }

    // Names of the notes, each followed by a blank.
    std::string notes() const {
        std::string out;
        for (unsigned i = 0; i < static_cast<unsigned>(Note::count_); ++i) {
            const auto note = static_cast<Note>(i);
            if (!message.notes.has(note)) continue;
            if (!out.empty()) out += ' ';
            out += note_name(note);
        }
        return out;
    }
};

}  // namespace hepcap::hep::test
