// Law of sending: whatever line is a record, its message can be decoded when it can be encoded; the record
// made of that has the payload, time, addresses, ports and correlation of the first, and sent once more it
// gives the same octets.
#include <cstdlib>
#include <cstring>

#include "hep/decode.hpp"
#include "hep/encode.hpp"
#include "record/from_hep.hpp"
#include "record/ndjson_reader.hpp"
#include "record/to_hep.hpp"

namespace {

using namespace hepcap;

void require(bool law) {
    if (!law) std::abort();
}

void check_record(const record::Record& first) {
    static record::MessageBuilder builder;
    static record::MessageBuilder builder_again;
    static record::RecordBuilder records{{}};
    static hep::Decoder decoder;
    static hep::Message message;
    static hep::Message received;
    static hep::Message sent_on;
    static std::vector<std::uint8_t> octets;
    static std::vector<std::uint8_t> octets_again;
    octets.clear();
    octets_again.clear();
    if (builder.build(first, message) || !hep::encode_v3(message, octets)) return;

    capture::Datagram carrier;
    carrier.time = message.time;
    const auto used = decoder.decode(octets, carrier, received);
    require(used && *used == octets.size());
    const record::Record& second = records.build(received);
    require(second.msg == first.msg);
    require(second.micro_ts.value == first.micro_ts.value);
    require(second.source_port.value == first.source_port.value_or(0));
    require(second.hep_agent_id.value_or(0) == first.hep_agent_id.value_or(0));

    if (builder_again.build(second, sent_on) || !hep::encode_v3(sent_on, octets_again)) return;
    // The order and the repetition of unnamed chunks, NULs behind a text, and a Call-ID that the record has
    // otherwise than its payload, are settled by the first sending.
    const bool ends_in_nul = first.correlation_id.ends_with('\0') || first.hep_node.ends_with('\0');
    if (message.extra.empty() && !ends_in_nul && first.callid == second.callid && first.kind == second.kind)
        require(octets == octets_again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::size_t at = 0;
    record::NdjsonReader reader{record::LineReader([&](char* to, std::size_t room) {
        const std::size_t n = std::min(room, size - at);
        if (n > 0) std::memcpy(to, data + at, n);
        at += n;
        return n;
    })};
    record::Record record;
    for (;;) {
        const auto got = reader.next(record);
        if (got && !*got) return 0;
        if (got) check_record(record);
    }
}
