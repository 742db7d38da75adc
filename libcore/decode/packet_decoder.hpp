// A captured packet as the records in it: dissected, taken for HEP or SIP by its content, and built.
// What decode, raw and send do alike.
//
//     decoder.start(packet);
//     while (const record::Record* r = decoder.next()) write(*r);
//     if (!decoder.reject_cause().empty()) keep(decoder.build_reject());
//
// Records are asked for one by one, so that whoever has enough stops in the middle of a datagram with
// several HEP messages.  A record is made of views into the packet and into the decoder: it is valid
// until the next call.  Nothing is allocated once warm.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "capture/datagram.hpp"
#include "capture/packet.hpp"
#include "dissect/verdict.hpp"
#include "hep/decode.hpp"
#include "record/from_hep.hpp"

namespace hepcap::decode {

// What became of the packets, by name.
struct Tally {
    std::uint64_t packets = 0;
    std::uint64_t other_payload = 0;  // UDP that is neither HEP nor SIP
    std::array<std::uint64_t, static_cast<std::size_t>(dissect::Verdict::count_)> verdicts{};
    std::array<std::uint64_t, static_cast<std::size_t>(hep::Refusal::count_)> refusals{};

    // Packets and messages that were malformed.
    std::uint64_t damaged() const;
    // "3 short-udp-header, 1 HEP truncated": what was malformed; empty where nothing was.
    std::string malformed_text() const;
    // "3 tcp-segment, 1 ip-fragment": what may have held SIP and was not taken apart.
    std::string undecoded_text() const;
};

// Whose clock counts for a HEP message: its agent's, or the capture's.
enum class TimeFrom : std::uint8_t { hep, packet };

class PacketDecoder {
public:
    explicit PacketDecoder(record::BuilderOptions options, TimeFrom time_from = TimeFrom::hep)
        : builder_(std::move(options)), time_from_(time_from) {}

    // `packet` and what it points to outlive the last next() and build_reject() for it.
    void start(const capture::Packet& packet);

    // The next record of the packet, or null.
    const record::Record* next();

    // Why the packet, or what is left of it, is malformed; empty where it is not, and before next()
    // has given null.
    std::string_view reject_cause() const { return reject_cause_; }
    // The packet, whole, as a record of kind packet with that cause.
    const record::Record& build_reject() { return builder_.build_reject(*packet_, reject_cause_); }

    // The message that the last record was made of.
    const hep::Message& message() const { return message_; }
    const Tally& tally() const { return tally_; }

private:
    enum class Content : std::uint8_t { none, sip, hep };

    Content find_content();

    record::RecordBuilder builder_;
    TimeFrom time_from_;
    const capture::Packet* packet_ = nullptr;
    Content content_ = Content::none;
    Bytes rest_;  // of a HEP datagram
    std::string_view reject_cause_;
    capture::Datagram datagram_;
    hep::Decoder hep_decoder_;
    hep::Message message_;
    Tally tally_;
};

}  // namespace hepcap::decode
