// Record -> the octets of a HEP message: what a capture agent says on the wire, in the version and with
// the name, number and key that the user gave it.  What cannot be said is counted by its cause.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "hep/deflater.hpp"
#include "hep/encode.hpp"
#include "record/to_hep.hpp"

namespace hepcap::agent {

struct EncoderOptions {
    int version = 3;                                // 1, 2 or 3
    std::optional<std::uint32_t> capture_agent_id;  // in place of the record's
    std::string capture_agent_name;                 // likewise, where not empty
    std::string auth_key;
    bool compress = false;  // the payload, where that makes it shorter; HEP3 only
};

class Encoder {
public:
    explicit Encoder(EncoderOptions options) : options_(std::move(options)) {}

    // The message for the record, dated `time` where one is given; empty where there is none.  Valid until
    // the next call.
    Bytes encode(const record::Record& record, std::optional<Timestamp> time);

    // How many records became no message although they are ones, and those that are no messages.
    std::uint64_t refused() const;
    std::uint64_t other_kinds() const { return count(record::Unsendable::other_kind); }
    // "3 not-sip, 1 too-long": the former by cause.
    std::string refused_text() const;

private:
    std::uint64_t count(record::Unsendable cause) const {
        return unsendable_[static_cast<std::size_t>(cause)];
    }
    Result<std::size_t, hep::Misfit> append_message();

    EncoderOptions options_;
    record::MessageBuilder builder_;
    hep::Deflater deflater_;
    hep::Message message_;
    std::vector<std::uint8_t> octets_;
    std::array<std::uint64_t, static_cast<std::size_t>(record::Unsendable::count_)> unsendable_{};
    std::array<std::uint64_t, static_cast<std::size_t>(hep::Misfit::count_)> misfits_{};
};

}  // namespace hepcap::agent
