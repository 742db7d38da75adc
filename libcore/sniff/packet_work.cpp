#include "sniff/packet_work.hpp"

#include <utility>

#include "capture/kernel_filter.hpp"

namespace hepcap::sniff {

using dissect::Verdict;

SniffCounters::SniffCounters(control::Counters& c)
    : packets(c.add("hepcap_packets_total", "Packets that came in")),
      records(c.add("hepcap_records_total", "Records that were written")),
      off(c.add("hepcap_dropped_total", "Packets and records that came in and did not come out",
                control::label("cause", "off"))),
      filtered(c.add("hepcap_dropped_total", "", control::label("cause", "filtered"))),
      other_payload(c.add("hepcap_other_total", "UDP packets that hold neither SIP nor HEP")),
      kernel_drops(c.add("hepcap_kernel_dropped_total", "Packets for which the kernel's ring had no room")),
      interface_drops(c.add("hepcap_interface_dropped_total", "Packets that the interface dropped")) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(Verdict::count_); ++i) {
        const auto verdict = static_cast<Verdict>(i);
        const std::string cause = control::label("cause", dissect::verdict_name(verdict));
        control::Counter* counter = nullptr;
        if (dissect::is_malformed(verdict)) {
            counter = &c.add("hepcap_refused_total",
                             "Packets and HEP messages of which nothing could be made", cause);
        } else if (dissect::is_undecoded(verdict)) {
            counter = &c.add("hepcap_not_decoded_total", "Packets that may hold SIP and are not taken apart",
                             cause);
        }
        verdicts_.push_back(counter);
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(hep::Refusal::count_); ++i) {
        const auto refusal = static_cast<hep::Refusal>(i);
        refusals_.push_back(
            &c.add("hepcap_refused_total", "", control::label("cause", hep::refusal_name(refusal))));
    }
}

void SniffCounters::add_causes(const decode::Tally& now, const decode::Tally& before) {
    for (std::size_t i = 0; i < verdicts_.size(); ++i) {
        if (verdicts_[i] && now.verdicts[i] != before.verdicts[i])
            verdicts_[i]->add(now.verdicts[i] - before.verdicts[i]);
    }
    for (std::size_t i = 0; i < refusals_.size(); ++i) {
        if (now.refusals[i] != before.refusals[i]) refusals_[i]->add(now.refusals[i] - before.refusals[i]);
    }
    other_payload.add(now.other_payload - before.other_payload);
}

decode::Tally SniffCounters::tally() const {
    decode::Tally tally;
    for (std::size_t i = 0; i < verdicts_.size(); ++i) {
        tally.verdicts[i] = verdicts_[i] ? verdicts_[i]->value() : 0;
    }
    for (std::size_t i = 0; i < refusals_.size(); ++i) tally.refusals[i] = refusals_[i]->value();
    return tally;
}

std::string SniffCounters::malformed_text() const { return tally().malformed_text(); }
std::string SniffCounters::undecoded_text() const { return tally().undecoded_text(); }

PacketWork::PacketWork(const WorkOptions& options, Countdown& taken, control::CaptureSwitch& capture,
                       SniffCounters& counters, SharedOutput& output, Log& log)
    : options_(options),
      taken_(taken),
      capture_(capture),
      counters_(counters),
      output_(output),
      lines_([this](std::string_view octets) { write_lines(octets); }) {
    if (options.filters_here && !(options.capture_filter.empty() && options.ports.empty())) {
        capture_filter_.emplace(
            options.capture_filter,
            [&options](std::uint32_t link_type) {
                return capture::kernel_filter(options.ports, options.capture_filter, link_type);
            },
            log);
    }
    if (options.builder) decoder_.emplace(*options.builder, options.time_from);
    if (options.writes_records) writer_.emplace(lines_, options.writer);
}

bool PacketWork::take(const capture::Packet& packet) {
    ++packets_;
    if (!capture_.is_on()) {
        ++off_;
        return true;
    }
    if (capture_filter_ && !capture_filter_->matches(packet)) {
        ++filtered_;
        return true;
    }
    if (options_.writes_records) return take_records(packet);
    if (decoder_ && !has_wanted_record(packet)) {
        ++filtered_;
        return true;
    }
    return may_take_one() && output_.write(packet);
}

// Counts one for -c; false where there were enough before.
bool PacketWork::may_take_one() {
    if (options_.count == 0) return true;
    if (taken_.fetch_add(1, std::memory_order_relaxed) < options_.count) return true;
    taken_.store(options_.count, std::memory_order_relaxed);
    return false;
}

bool PacketWork::is_wanted(const record::Record& r) const {
    // The module's test, which the kernel cannot make of fragments and tunnels.  HEP was chosen by the
    // ports that carried it; those of the message are others.
    const hep::Message& m = decoder_->message();
    if (m.version == 0 && !is_any_port_in(options_.ports, m.source.port, m.destination.port)) return false;
    return !options_.filter || options_.filter->matches(r);
}

bool PacketWork::has_wanted_record(const capture::Packet& packet) {
    decoder_->start(packet);
    while (const record::Record* const r = decoder_->next()) {
        if (is_wanted(*r)) return true;
    }
    return false;
}

bool PacketWork::take_records(const capture::Packet& packet) {
    decoder_->start(packet);
    while (const record::Record* const r = decoder_->next()) {
        if (!is_wanted(*r)) {
            ++filtered_;
            continue;
        }
        if (!may_take_one()) return false;
        writer_->write(*r);
        ++records_;
    }
    return true;
}

// The buffer may be full in the middle of a line, which another thread's lines must not be put into.
void PacketWork::write_lines(std::string_view octets) {
    const std::size_t end = octets.rfind('\n');
    if (end == std::string_view::npos) {
        tail_.append(octets);
        return;
    }
    if (tail_.empty()) {
        output_.write_lines(octets.substr(0, end + 1));
    } else {
        tail_.append(octets.substr(0, end + 1));
        output_.write_lines(tail_);
        tail_.clear();
    }
    tail_.append(octets.substr(end + 1));
}

void PacketWork::publish() {
    counters_.packets.add(std::exchange(packets_, 0));
    counters_.records.add(std::exchange(records_, 0));
    counters_.off.add(std::exchange(off_, 0));
    counters_.filtered.add(std::exchange(filtered_, 0));
    if (decoder_) {
        counters_.add_causes(decoder_->tally(), published_);
        published_ = decoder_->tally();
    }
}

void PacketWork::flush() {
    publish();
    lines_.flush();
    output_.flush();
}

}  // namespace hepcap::sniff
