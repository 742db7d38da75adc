#include "decode/packet_decoder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <numeric>
#include <vector>

#include "dissect/dissect.hpp"
#include "hep/from_datagram.hpp"
#include "sip/parse.hpp"

namespace hepcap::decode {

namespace {

// VXLAN, Geneve, GTP-U and TZSP travel in UDP: SIP inside them must not be passed over in silence.
bool is_tunnel_port(std::uint16_t port) {
    return port == 4789 || port == 6081 || port == 2152 || port == 37008;
}

std::vector<std::string> list_verdicts(const Tally& tally, bool (*is_wanted)(dissect::Verdict)) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < tally.verdicts.size(); ++i) {
        const auto verdict = static_cast<dissect::Verdict>(i);
        if (is_wanted(verdict) && tally.verdicts[i] > 0) {
            parts.push_back(fmt::format("{} {}", tally.verdicts[i], dissect::verdict_name(verdict)));
        }
    }
    return parts;
}

}  // namespace

std::uint64_t Tally::damaged() const {
    std::uint64_t sum = std::accumulate(refusals.begin(), refusals.end(), std::uint64_t{0});
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        if (dissect::is_malformed(static_cast<dissect::Verdict>(i))) sum += verdicts[i];
    }
    return sum;
}

std::string Tally::malformed_text() const {
    std::vector<std::string> parts = list_verdicts(*this, dissect::is_malformed);
    for (std::size_t i = 0; i < refusals.size(); ++i) {
        if (refusals[i] == 0) continue;
        parts.push_back(
            fmt::format("{} HEP {}", refusals[i], hep::refusal_name(static_cast<hep::Refusal>(i))));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string Tally::undecoded_text() const {
    return fmt::format("{}", fmt::join(list_verdicts(*this, dissect::is_undecoded), ", "));
}

void PacketDecoder::start(const capture::Packet& packet) {
    packet_ = &packet;
    reject_cause_ = {};
    ++tally_.packets;
    content_ = find_content();
}

PacketDecoder::Content PacketDecoder::find_content() {
    const dissect::Verdict verdict = dissect::dissect(*packet_, datagram_);
    ++tally_.verdicts[static_cast<std::size_t>(verdict)];
    if (verdict != dissect::Verdict::datagram) {
        if (dissect::is_malformed(verdict)) reject_cause_ = dissect::verdict_name(verdict);
        return Content::none;
    }
    if (hep::looks_like_hep(datagram_.payload)) {
        rest_ = datagram_.payload;
        return Content::hep;
    }
    if (sip::is_sip(as_text(datagram_.payload))) return Content::sip;
    if (is_tunnel_port(datagram_.destination.port)) {
        ++tally_.verdicts[static_cast<std::size_t>(dissect::Verdict::tunnel_not_decoded)];
    } else {
        ++tally_.other_payload;
    }
    return Content::none;
}

const record::Record* PacketDecoder::next() {
    if (content_ == Content::sip) {
        content_ = Content::none;
        hep::from_datagram(datagram_, message_);
        return &builder_.build(message_);
    }
    if (content_ == Content::none) return nullptr;
    if (rest_.empty()) {
        content_ = Content::none;
        return nullptr;
    }
    const auto used = hep_decoder_.decode(rest_, datagram_, message_);
    if (!used) {
        ++tally_.refusals[static_cast<std::size_t>(used.error())];
        reject_cause_ = hep::refusal_name(used.error());
        content_ = Content::none;
        return nullptr;
    }
    rest_ = rest_.subspan(*used);
    if (time_from_ == TimeFrom::packet) message_.time = datagram_.time;
    return &builder_.build(message_);
}

}  // namespace hepcap::decode
