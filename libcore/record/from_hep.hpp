// hep::Message -> Record: the one place where what was captured becomes the keys that users see.
//
// A RecordBuilder is made once and asked for each message in turn.  The record it hands out is made
// of views into the message's payload and into the builder's own scratch memory, which is reused: a
// record is valid until the next build(), and once warmed up nothing is allocated.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "base/decimal.hpp"
#include "hep/message.hpp"
#include "record/record.hpp"
#include "record/uid.hpp"
#include "sip/parse.hpp"
#include "sip/sdp.hpp"
#include "sip/topoh.hpp"

namespace hepcap::record {

class RtcpJsonReader;

struct BuilderOptions {
    std::string node = "homer01";     // name of the capture node
    std::optional<sip::Topoh> topoh;  // takes the masks off
    sip::HeaderNames header_names;
    bool with_headers = false;  // fill `headers`
};

class RecordBuilder {
public:
    explicit RecordBuilder(BuilderOptions options);
    ~RecordBuilder();

    // A message of version 0 is sniffed SIP: sip::is_sip() holds for its payload.
    const Record& build(const hep::Message& message);

    // A packet that could not be taken apart, whole, as a record of kind packet; `cause` stands in
    // `parse`.
    const Record& build_reject(const capture::Packet& packet, std::string_view cause);

private:
    const Record& finish(const hep::Message& m);
    void fill_envelope(const hep::Message& m);
    void fill_network(const hep::Message& m);
    void fill_hep(const hep::Message& m);
    void fill_sip(const hep::Message& m);
    void fill_sip_addresses(const sip::Message& s);
    void fill_sdp(const sip::Message& s);
    void fill_headers(const sip::Message& s);
    void fill_rtcp(const hep::Message& m);
    void unmask(sip::Message& s);
    void add_note(std::string_view word);
    void fill_uid(const hep::Message& m);
    void fill_ts(const hep::Message& m);

    BuilderOptions options_;
    Record record_;
    std::unique_ptr<RtcpJsonReader> rtcp_reader_;

    // Scratch that the record's views point into.
    std::array<char, 32> ts_{};
    std::int64_t ts_minute_ = -1;  // the minute whose text ts_ begins with
    UidText uid_{};
    std::array<char, IpAddress::max_text> source_ip_{};
    std::array<char, IpAddress::max_text> destination_ip_{};
    std::array<char, IpAddress::max_text + 3 + max_decimal> hep_peer_{};  // "[" "]:" port
    std::string node_;
    std::uint32_t node_agent_id_ = 0;
    std::string encap_;
    std::string parse_;
    std::string headers_;
    std::string hep_extra_;
    std::string codecs_;
    sip::Sdp sdp_;
    std::array<std::string, 4> plain_;  // unmasked Call-ID, Request-URI, Contact, Via
};

}  // namespace hepcap::record
