// A row of Homer 7's tables, made of a record as heplify-server makes it and homer-app reads it: the
// table that it goes to, and the two JSON objects that hold what other schemas have columns for.
//
// protocol_header: protocolFamily, protocol, srcPort, dstPort, timeSeconds, timeUseconds and payloadType are
// numbers, srcIp, dstIp, captureId and correlation_id strings: homer-app fails for a whole search where one
// is not.  The HEP password (heplify-server's capturePass) is not stored. data_header: of SIP the ten keys of
// heplify-server, empty where the message has no such header, and more of its optional ones where there is
// something; of ISUP its numbers; of others node and proto.
//
// A string of a header is cut to 512 characters, and counted: Homer indexes them.  Octets that are no
// UTF-8, and NUL, stay in the text, which is JSON again once the database has replaced them.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"
#include "sink/named_count.hpp"

namespace hepcap::sink {

// All tables of the schema.
std::span<const std::string_view> homer7_tables();

// Names of their partitions, as patterns of strftime(3) for the time at which one begins; and how long the
// longest is.
std::vector<std::string> homer7_partition_patterns();
inline constexpr std::chrono::hours homer7_partition_hours{6};

// The table for the record: SIP by the method in CSeq, others by their HEP protocol type.
std::string_view homer7_table(const record::Record& record);

class Homer7Row {
public:
    // The texts below are valid until the next call.
    void make(const record::Record& record);

    std::string_view sid() const { return sid_; }
    std::string_view create_date() const { return create_date_; }  // YYYY-MM-DD hh:mm:ss.ffffff, UTC
    std::string_view protocol_header() const { return protocol_header_; }
    std::string_view data_header() const { return data_header_; }
    std::string_view raw() const { return raw_; }

    // Values cut so far, by key.
    const std::vector<NamedCount>& cut() const { return cut_; }

private:
    void make_create_date(std::int64_t micro_ts);
    void make_protocol_header(const record::Record& record, std::int64_t type);
    void make_sip_header(const record::Record& record);
    void make_isup_header(const record::Record& record);
    void make_other_header(const record::Record& record, std::int64_t type);
    std::string_view fitting(std::string_view key, std::string_view text);
    void add_text(std::string& json, std::string_view key, std::string_view text);

    std::string sid_;
    std::string create_date_;
    std::string protocol_header_;
    std::string data_header_;
    std::string_view raw_;
    std::vector<NamedCount> cut_;
};

}  // namespace hepcap::sink
