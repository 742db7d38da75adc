#include "collect/outlet.hpp"

namespace hepcap::collect {

namespace {

// Large enough that handing over costs nothing, small enough to stay in the processor's cache.
constexpr std::size_t hand_over_size = 64 * 1024;

capture::SavefileOptions savefile_options() {
    capture::SavefileOptions options;
    options.link_type = capture::PacketBuilder::link_type;
    return options;
}

}  // namespace

std::string preamble_for(const Rules& rules) {
    std::string text;
    Output out([&text](std::string_view octets) { text.append(octets); });
    if (rules.product != Product::records) {
        const capture::PcapWriter writer(out, savefile_options());
        out.flush();
    } else if (rules.writer.form == record::Form::csv) {
        record::WriterOptions options = rules.writer;
        options.flush_each = false;
        record::RecordWriter(out, options).write({});
        out.flush();
        text.resize(text.find('\n') + 1);
    }
    return text;
}

Outlet::Outlet(const Rules& rules, OutputQueue& queue, Tally& tally)
    : queue_(queue),
      tally_(tally),
      flushes_each_(rules.writer.flush_each),
      out_([this](std::string_view octets) {
          if (!is_handing_over_ || !overflow_.empty()) {
              overflow_.append(octets);
          } else {
              put(octets);
          }
      }),
      records_(out_,
               [&] {
                   record::WriterOptions options = rules.writer;
                   options.flush_each = false;  // done here, between records
                   return options;
               }()),
      packets_(out_, savefile_options()) {
    // The head of the output is written elsewhere, once.
    if (rules.product == Product::records && rules.writer.form == record::Form::csv) records_.write({});
    out_.flush();
    overflow_.clear();
}

bool Outlet::begin() {
    if (!queue_.is_full()) return true;
    tally_.add(Drop::queue_full);
    has_dropped_ = true;
    return false;
}

void Outlet::finish() {
    ++gathered_;
    if (flushes_each_ || out_.size() + overflow_.size() >= hand_over_size) hand_over();
}

void Outlet::write_record(const record::Record& record) {
    tally_.add(Tally::records);
    if (!begin()) return;
    records_.write(record);
    finish();
}

void Outlet::write_packet(Bytes packet, Timestamp time) {
    capture::Packet p;
    p.time = time;
    p.link_type = capture::PacketBuilder::link_type;
    p.original_length = static_cast<std::uint32_t>(packet.size());
    p.data = packet;
    if (!packets_.write(p)) tally_.add(Drop::no_packet);  // cannot be: the link type is the file's
}

void Outlet::write_datagram(Bytes octets, const net::Arrival& arrival) {
    const Bytes packet = builder_.build_udp({arrival.peer, arrival.local}, octets);
    if (packet.empty()) return tally_.add(Drop::no_packet);
    tally_.add(Tally::records);
    if (!begin()) return;
    write_packet(packet, arrival.time);
    finish();
}

void Outlet::write_inner_packet(const hep::Message& m) {
    // Of what is no SIP, HEP carries a description and no packet; without payload there is none either.
    if (m.protocol_type != hep::ProtocolType::sip || m.payload.empty()) return tally_.add(Drop::no_packet);
    const capture::Envelope envelope{m.source, m.destination, m.vlan, m.has_vlan};
    const bool is_datagram =
        m.transport == Transport::udp || m.transport == Transport::none || m.transport == Transport::sctp;
    if (is_datagram) {
        const Bytes packet = builder_.build_udp(envelope, m.payload);
        if (packet.empty()) return tally_.add(Drop::no_packet);
        tally_.add(Tally::records);
        if (!begin()) return;
        write_packet(packet, m.time);
        return finish();
    }
    tally_.add(Tally::records);
    if (!begin()) return;
    const std::uint32_t acknowledged = sequence_.peek(m.destination, m.source);
    for (Bytes rest = m.payload; !rest.empty();) {
        const Bytes segment = rest.first(std::min(rest.size(), capture::PacketBuilder::max_segment));
        const std::uint32_t sequence = sequence_.advance(m.source, m.destination, m.time, segment.size());
        write_packet(builder_.build_tcp(envelope, sequence, acknowledged, segment), m.time);
        rest = rest.subspan(segment.size());
    }
    finish();
}

void Outlet::put(std::string_view octets) {
    if (queue_.put(octets, gathered_)) return;
    tally_.add(Drop::queue_full, gathered_);
    has_dropped_ = true;
}

void Outlet::hand_over() {
    if (gathered_ == 0) return;
    is_handing_over_ = true;
    out_.flush();
    is_handing_over_ = false;
    if (!overflow_.empty()) {
        put(overflow_);
        std::string().swap(overflow_);
    }
    gathered_ = 0;
}

}  // namespace hepcap::collect
