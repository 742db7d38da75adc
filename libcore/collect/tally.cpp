#include "collect/tally.hpp"

#include <fmt/core.h>

namespace hepcap::collect {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Drop::count_)> drop_names{
    "off",      "hep-off", "not-allowed", "no-key",     "wrong-key",    "bad-message",
    "filtered", "surplus", "no-packet",   "queue-full", "write-failed",
};
static_assert(!drop_names.back().empty(), "one name for each cause");

constexpr bool is_wanted_loss(Drop drop) { return drop == Drop::filtered || drop == Drop::surplus; }

}  // namespace

std::string_view drop_name(Drop drop) { return drop_names[static_cast<std::size_t>(drop)]; }

SharedTally::SharedTally(control::Counters& counters)
    : written_(&counters.add("hepcap_written_total", "Records or packets that the output has taken")) {
    const auto set = [&](std::size_t slot, const char* name, const char* help,
                         const std::string& labels = "") {
        counters_[slot] = &counters.add(name, help, labels);
    };
    constexpr const char* received_help = "HEP datagrams and frames that arrived";
    set(Tally::received_udp, "hepcap_received_total", received_help, "transport=\"udp\"");
    set(Tally::received_tcp, "hepcap_received_total", received_help, "transport=\"tcp\"");
    set(Tally::received_tls, "hepcap_received_total", received_help, "transport=\"tls\"");
    set(Tally::octets, "hepcap_received_octets_total", "Octets in them");
    set(Tally::kernel_dropped, "hepcap_kernel_dropped_total",
        "Datagrams for which the socket's buffer had no room");
    set(Tally::messages, "hepcap_messages_total", "HEP messages decoded");
    set(Tally::records, "hepcap_records_total", "Records or packets made and passed to the output");
    set(Tally::forwarded, "hepcap_forwarded_total", "Datagrams and frames sent on by --forward");
    set(Tally::forward_failed, "hepcap_forward_failed_total", "Those that could not be sent on");
    set(Tally::connected, "hepcap_connections_opened_total", "Connections that came in");
    set(Tally::unfinished_octets, "hepcap_unfinished_octets_total", "Octets of unfinished messages");
    const auto set_all = [&](std::size_t first, std::size_t count, const char* name, const char* help,
                             auto&& name_of) {
        for (std::size_t i = 0; i < count; ++i)
            set(first + i, name, help, control::label("cause", name_of(i)));
    };
    set_all(Tally::first_refusal, static_cast<std::size_t>(hep::Refusal::count_), "hepcap_refused_total",
            "Datagrams and frames of which nothing could be made",
            [](std::size_t i) { return hep::refusal_name(static_cast<hep::Refusal>(i)); });
    set_all(Tally::first_fault, static_cast<std::size_t>(hep::FrameFault::count_),
            "hepcap_stream_faults_total", "Streams that ended because no HEP3 message stood where one should",
            [](std::size_t i) { return hep::frame_fault_name(static_cast<hep::FrameFault>(i)); });
    set_all(Tally::first_drop, drop_names.size(), "hepcap_dropped_total",
            "Messages that were received and did not come out",
            [](std::size_t i) { return drop_name(static_cast<Drop>(i)); });
    set_all(Tally::first_close, static_cast<std::size_t>(net::CloseCause::count_),
            "hepcap_connections_closed_total", "Connections that ended",
            [](std::size_t i) { return net::close_cause_name(static_cast<net::CloseCause>(i)); });
    set_all(Tally::first_unfinished, static_cast<std::size_t>(net::CloseCause::count_),
            "hepcap_unfinished_total",
            "Messages that were not whole when their connection ended, by why it did",
            [](std::size_t i) { return net::close_cause_name(static_cast<net::CloseCause>(i)); });
}

void SharedTally::take(Tally& tally) {
    for (std::size_t i = 0; i < Tally::slot_count; ++i) {
        if (tally.counts_[i] == 0) continue;
        counters_[i]->add(tally.counts_[i]);
        tally.counts_[i] = 0;
    }
}

void SharedTally::count_written_as_lost(std::uint64_t records) {
    written_->add(0 - records);  // modulo 2^64, as the counter goes
    add(Drop::write_failed, records);
}

std::uint64_t SharedTally::received() const {
    return value(Tally::received_udp) + value(Tally::received_tcp) + value(Tally::received_tls);
}

std::uint64_t SharedTally::damaged() const {
    std::uint64_t sum = 0;
    for (std::size_t i = Tally::first_refusal; i < Tally::first_drop; ++i) sum += value(i);
    for (std::size_t i = Tally::first_unfinished; i < Tally::slot_count; ++i) sum += value(i);
    return sum;
}

std::uint64_t SharedTally::dropped() const {
    std::uint64_t sum = value(Tally::kernel_dropped);
    for (std::size_t i = 0; i < drop_names.size(); ++i) {
        if (!is_wanted_loss(static_cast<Drop>(i))) sum += value(Tally::first_drop + i);
    }
    return sum;
}

std::uint64_t SharedTally::lost() const {
    return value(Tally::first_drop + static_cast<std::size_t>(Drop::queue_full)) +
           value(Tally::first_drop + static_cast<std::size_t>(Drop::write_failed));
}

std::string SharedTally::causes_text() const {
    std::string text;
    const auto add = [&](std::uint64_t count, std::string_view kind, std::string_view name) {
        if (count == 0) return;
        text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", count, kind, name);
    };
    for (std::size_t i = 0; i < static_cast<std::size_t>(hep::Refusal::count_); ++i)
        add(value(Tally::first_refusal + i), "", hep::refusal_name(static_cast<hep::Refusal>(i)));
    for (std::size_t i = 0; i < static_cast<std::size_t>(hep::FrameFault::count_); ++i)
        add(value(Tally::first_fault + i), "stream ", hep::frame_fault_name(static_cast<hep::FrameFault>(i)));
    for (std::size_t i = 0; i < static_cast<std::size_t>(net::CloseCause::count_); ++i) {
        add(value(Tally::first_unfinished + i), "unfinished ",
            net::close_cause_name(static_cast<net::CloseCause>(i)));
    }
    add(value(Tally::unfinished_octets), "", "unfinished octets");
    for (std::size_t i = 0; i < drop_names.size(); ++i) add(value(Tally::first_drop + i), "", drop_names[i]);
    add(value(Tally::kernel_dropped), "", "dropped by the kernel");
    return text;
}

}  // namespace hepcap::collect
