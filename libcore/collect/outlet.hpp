// A worker's way out: what it makes, in the form that was asked for, gathered and put into the queue
// many at a time, always whole.
//
// Each worker has its own; the queue is everybody's.  What stands once at the head of an output (the
// savefile's header, the names of the columns of CSV) is made by preamble_for() and left out here.
#pragma once

#include <string>
#include <utility>

#include "base/output.hpp"
#include "capture/flow_sequence.hpp"
#include "capture/packet_builder.hpp"
#include "capture/pcap_writer.hpp"
#include "collect/output_queue.hpp"
#include "collect/rules.hpp"
#include "hep/message.hpp"
#include "net/consumer.hpp"

namespace hepcap::collect {

std::string preamble_for(const Rules& rules);

class Outlet {
public:
    // The queue and the tally outlive it.
    Outlet(const Rules& rules, OutputQueue& queue, Tally& tally);

    // Only the one that the product calls for.  Each counts what it makes, and what it cannot.
    void write_record(const record::Record& record);
    void write_datagram(Bytes octets, const net::Arrival& arrival);
    void write_inner_packet(const hep::Message& message);

    // Puts what was gathered into the queue, and counts it as lost where there is no room.
    void hand_over();

    // Whether anything was lost for want of room since the last call.
    bool take_has_dropped() { return std::exchange(has_dropped_, false); }

private:
    bool begin();
    void finish();
    void put(std::string_view octets);
    void write_packet(Bytes packet, Timestamp time);

    OutputQueue& queue_;
    Tally& tally_;
    bool flushes_each_;
    bool is_handing_over_ = false;
    bool has_dropped_ = false;
    std::string overflow_;        // what the buffer could not hold; empty but for giants
    std::uint64_t gathered_ = 0;  // records since the last hand_over()
    Output out_;
    record::RecordWriter records_;
    capture::PcapWriter packets_;
    capture::PacketBuilder builder_;
    capture::FlowSequence sequence_;
};

}  // namespace hepcap::collect
