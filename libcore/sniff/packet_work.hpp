// What is done with each packet: looked at, counted, and written as it is or as records.  One for each
// thread that captures; they share the output, the counters and the switch.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/output.hpp"
#include "capture/bpf_filter.hpp"
#include "capture/packet.hpp"
#include "capture/port_range.hpp"
#include "control/capture_switch.hpp"
#include "control/counters.hpp"
#include "decode/packet_decoder.hpp"
#include "record/record_writer.hpp"
#include "select/filter.hpp"
#include "sniff/shared_output.hpp"

namespace hepcap::sniff {

// The counters of all threads.
class SniffCounters {
public:
    explicit SniffCounters(control::Counters& counters);

    control::Counter& packets;
    control::Counter& records;
    control::Counter& off;
    control::Counter& filtered;
    control::Counter& other_payload;
    control::Counter& kernel_drops;
    control::Counter& interface_drops;
    // By verdict and by refusal: what was malformed, or cannot be taken apart.
    void add_causes(const decode::Tally& now, const decode::Tally& before);

    std::string malformed_text() const;
    std::string undecoded_text() const;

private:
    decode::Tally tally() const;

    std::vector<control::Counter*> verdicts_;  // null for those that are no loss
    std::vector<control::Counter*> refusals_;
};

struct WorkOptions {
    std::string capture_filter;                     // on packets, as the user wrote it; may be empty
    std::vector<capture::PortRange> ports;          // none is all
    bool filters_here = false;                      // by both of them: the kernel does not
    std::optional<record::BuilderOptions> builder;  // where packets are decoded: for records, or for `filter`
    decode::TimeFrom time_from = decode::TimeFrom::hep;
    bool writes_records = false;  // else packets
    record::WriterOptions writer;
    std::optional<select::Filter> filter;  // a packet passes where one of its records does
    std::uint64_t count = 0;               // packets or records in all; 0: no end
};

class PacketWork {
public:
    // What the threads share of -c.
    using Countdown = std::atomic<std::uint64_t>;

    // All but the options outlive it.
    PacketWork(const WorkOptions& options, Countdown& taken, control::CaptureSwitch& capture,
               SniffCounters& counters, SharedOutput& output, Log& log);

    // False: enough.  Throws Error where the output cannot be written.
    bool take(const capture::Packet& packet);

    // Tells the counters what was done since the last time.
    void publish();
    // Nothing is held back.
    void flush();

private:
    bool take_records(const capture::Packet& packet);
    bool has_wanted_record(const capture::Packet& packet);
    bool is_wanted(const record::Record& r) const;
    bool may_take_one();
    void write_lines(std::string_view octets);

    const WorkOptions& options_;
    Countdown& taken_;
    control::CaptureSwitch& capture_;
    SniffCounters& counters_;
    SharedOutput& output_;
    std::optional<capture::BpfFilter> capture_filter_;
    std::optional<decode::PacketDecoder> decoder_;
    Output lines_;
    std::optional<record::RecordWriter> writer_;
    std::string tail_;  // the beginning of a line whose end is still to come

    // Since the last publish().
    std::uint64_t packets_ = 0;
    std::uint64_t records_ = 0;
    std::uint64_t off_ = 0;
    std::uint64_t filtered_ = 0;
    decode::Tally published_;
};

}  // namespace hepcap::sniff
