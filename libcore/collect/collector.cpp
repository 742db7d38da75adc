#include "collect/collector.hpp"

#include <fmt/core.h>

#include <array>

namespace hepcap::collect {

namespace {

// What Kamailio's core or its module refuses without capture_bad_msgs, as words of a record's `parse`.
constexpr std::array bad_notes{
    sip::Note::bad_start_line, sip::Note::bad_version, sip::Note::bad_request_uri, sip::Note::bad_header_line,
    sip::Note::no_via,         sip::Note::no_from,     sip::Note::no_to,           sip::Note::no_callid,
    sip::Note::no_cseq,        sip::Note::bad_from,    sip::Note::bad_to,          sip::Note::bad_contact,
};

bool has_word(std::string_view parse, std::string_view word) {
    for (std::size_t at = parse.find(word); at != parse.npos; at = parse.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if (at > 0 && parse[at - 1] == '"' && end < parse.size() && parse[end] == '"') return true;
    }
    return false;
}

bool is_bad(const record::Record& record, hep::ProtocolType type) {
    if (record.kind != record::kind::sip) return type == hep::ProtocolType::sip;
    const std::string_view parse = record.parse.text;
    if (parse.empty()) return false;
    for (const sip::Note note : bad_notes) {
        if (has_word(parse, sip::note_name(note))) return true;
    }
    return false;
}

}  // namespace

Collector::Collector(const Shared& shared, std::optional<net::DatagramSocket> forward)
    : shared_(shared),
      forward_(std::move(forward)),
      rules_(shared_.rules.get()),
      generation_(shared_.rules.generation()),
      builder_(std::make_unique<record::RecordBuilder>(rules_->builder)),
      outlet_(*rules_, shared_.queue, tally_) {}

void Collector::renew_rules() {
    generation_ = shared_.rules.generation();
    rules_ = shared_.rules.get();
    builder_ = std::make_unique<record::RecordBuilder>(rules_->builder);
}

void Collector::take(Bytes octets, const net::Arrival& arrival) {
    tally_.add(arrival.transport == Transport::udp   ? Tally::received_udp
               : arrival.transport == Transport::tcp ? Tally::received_tcp
                                                     : Tally::received_tls);
    tally_.add(Tally::octets, octets.size());
    if (shared_.rules.generation() != generation_) renew_rules();
    if (!is_let_in(arrival)) return;

    carrier_.time = arrival.time;
    carrier_.transport = arrival.transport;
    carrier_.source = arrival.peer;
    carrier_.destination = arrival.local;
    carrier_.payload = octets;
    has_kept_datagram_ = false;
    bool is_to_forward = false;
    // An empty datagram is no HEP either: the decoder says so.
    Bytes rest = octets;
    do {
        const auto used = decoder_.decode(rest, carrier_, message_);
        if (!used) {
            refuse(octets, arrival, used.error());
            break;
        }
        is_to_forward |= take_message(octets, arrival);
        rest = rest.subspan(*used);
    } while (!rest.empty());
    if (is_to_forward) tally_.add(forward_->send(octets) ? Tally::forwarded : Tally::forward_failed);
}

bool Collector::is_let_in(const net::Arrival& arrival) {
    if (arrival.transport == Transport::udp && !rules_->allow(arrival.peer.address)) {
        tally_.add(Drop::not_allowed);
        shared_.notices.offer(Tally::first_drop + static_cast<std::size_t>(Drop::not_allowed), "datagram",
                              drop_name(Drop::not_allowed), arrival.peer);
    } else if (!rules_->is_hep_on) {
        tally_.add(Drop::hep_off);
    } else if (!shared_.capture.is_on()) {
        tally_.add(Drop::off);
    } else {
        return true;
    }
    return false;
}

bool Collector::is_keyed(const Endpoint& peer) {
    if (!rules_->keys.are_demanded() || rules_->keys.accept(message_.auth_key)) return true;
    const Drop drop = message_.auth_key.empty() ? Drop::no_key : Drop::wrong_key;
    tally_.add(drop);
    shared_.notices.offer(Tally::first_drop + static_cast<std::size_t>(drop), "HEP message", drop_name(drop),
                          peer);
    return false;
}

bool Collector::take_message(Bytes octets, const net::Arrival& arrival) {
    tally_.add(Tally::messages);
    if (!is_keyed(arrival.peer)) return false;
    const record::Record* record = &builder_->build(message_);
    record::Record keyed;
    if (rules_->keys.are_demanded()) {
        keyed = *record;
        keyed.hep_auth_ok = record::Boolean(true);
        record = &keyed;
    }
    if (rules_->drops_bad_messages && is_bad(*record, message_.protocol_type)) {
        tally_.add(Drop::bad_message);
        return false;
    }
    write(*record, octets, arrival);
    return forward_ && (!rules_->forward_filter || rules_->forward_filter->matches(*record));
}

void Collector::write(const record::Record& record, Bytes octets, const net::Arrival& arrival) {
    if (rules_->filter && !rules_->filter->matches(record)) return tally_.add(Drop::filtered);
    if (!shared_.quota.take()) return tally_.add(Drop::surplus);
    switch (rules_->product) {
        case Product::records: return outlet_.write_record(record);
        case Product::inner_packets: return outlet_.write_inner_packet(message_);
        case Product::hep_packets:
            // Whole, and so once, however many of its messages are wanted.
            if (!has_kept_datagram_) outlet_.write_datagram(octets, arrival);
            has_kept_datagram_ = true;
            return;
    }
}

void Collector::refuse(Bytes octets, const net::Arrival& arrival, hep::Refusal refusal) {
    tally_.add(refusal);
    shared_.notices.offer(Tally::first_refusal + static_cast<std::size_t>(refusal), "malformed HEP",
                          hep::refusal_name(refusal), arrival.peer, fmt::format("{} octets", octets.size()));
    keep_reject(octets, arrival, hep::refusal_name(refusal));
}

void Collector::keep_reject(Bytes octets, const net::Arrival& arrival, std::string_view cause) {
    if (!shared_.rejects) return;
    capture::Packet packet;
    packet.time = arrival.time;
    packet.original_length = static_cast<std::uint32_t>(octets.size());
    packet.data = octets;
    shared_.rejects->keep(builder_->build_reject(packet, cause));
}

void Collector::before_wait() {
    signs_of_life_.fetch_add(1, std::memory_order_relaxed);
    outlet_.hand_over();
    if (outlet_.take_has_dropped()) {
        shared_.notices.say(Tally::first_drop + static_cast<std::size_t>(Drop::queue_full),
                            "the reader of the output is slower than the senders: records are dropped, and "
                            "counted as queue-full");
    }
    shared_.tally.take(tally_);
    if (shared_.rejects) shared_.rejects->flush();
}

void Collector::kernel_dropped(std::uint64_t datagrams) {
    tally_.add(Tally::kernel_dropped, datagrams);
    shared_.notices.say(
        Tally::kernel_dropped,
        "the kernel drops datagrams, since they come faster than they are taken; it counts them");
}

bool Collector::admits(const Endpoint& peer) { return rules_->allow(peer.address); }

std::ptrdiff_t Collector::frame_size(Bytes beginning) {
    const auto size = hep::frame_size(beginning);
    if (size) return static_cast<std::ptrdiff_t>(*size);
    last_fault_ = size.error();
    return -1;
}

void Collector::connected(const net::Arrival&) { tally_.add(Tally::connected); }

void Collector::count_unfinished(Bytes octets, const net::Arrival& arrival, net::CloseCause cause) {
    // What is no frame has its own counters, and has not begun one.
    if (octets.empty() || cause == net::CloseCause::bad_frame) return;
    tally_.add_unfinished(cause, octets.size());
    keep_reject(octets, arrival, "unfinished");
}

void Collector::disconnected(const net::Arrival& arrival, net::CloseCause cause, Bytes unfinished,
                             std::string_view detail) {
    tally_.add(cause);
    count_unfinished(unfinished, arrival, cause);
    if (cause == net::CloseCause::bad_frame && last_fault_) {
        tally_.add(*last_fault_);
        detail = hep::frame_fault_name(*last_fault_);
        last_fault_.reset();
    }
    const bool is_usual = cause == net::CloseCause::ended || cause == net::CloseCause::stopped ||
                          cause == net::CloseCause::idle;
    if (is_usual) return;
    shared_.notices.offer(Tally::first_close + static_cast<std::size_t>(cause), "connection",
                          net::close_cause_name(cause), arrival.peer, detail);
}

}  // namespace hepcap::collect
