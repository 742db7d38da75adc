// Record -> hep::Message: the way back from from_hep, for whoever sends records on.  A record that was
// made of the message again is equal to the one it came from; only keys unknown to hepcap stay behind.  The
// keys of SIP are not looked at, because the payload says the same.
//
// Every message gets an IP protocol and a protocol type, also where the record lacks them: collectors
// count on both.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "hep/message.hpp"
#include "record/record.hpp"

namespace hepcap::record {

// Why a record cannot become a HEP message.
enum class Unsendable : std::uint8_t {
    other_kind,   // it is no message: eof, packet, a call, a finding
    no_msg,       // the payload was left out of it
    bad_address,  // an address that is none
    bad_number,   // a port, id, type or VLAN beyond its range
    bad_extra,    // `hep_extra` is not {"vendor:type":"hex"}, or has a chunk that another key speaks for
    count_,
};

// "other-kind" and so on: the names of the counters.
std::string_view name(Unsendable cause);

class MessageBuilder {
public:
    // Fills `out`, of version 3, which points into the record and into this object until the next call.
    std::optional<Unsendable> build(const Record& record, hep::Message& out);

private:
    bool take_extra(std::string_view json, std::vector<hep::Chunk>& chunks);

    std::vector<std::uint8_t> values_;  // of the chunks of hep_extra; never grows while one is built
};

}  // namespace hepcap::record
