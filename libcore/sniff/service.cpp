#include "sniff/service.hpp"

#include <fmt/format.h>
#include <time.h>

#include <utility>

#include "control/privileges.hpp"
#include "control/signals.hpp"
#include "sniff/live_capture.hpp"

namespace hepcap::sniff {

Service::Service(ServiceOptions options, Log& log)
    : options_(std::move(options)), log_(log), switch_(options_.begins_on), counts_(counters_) {}

void Service::begin_output() {
    // The process that runs commands is made first: it needs what is given up soon.
    if (!options_.on_close.empty()) {
        command_.emplace(options_.on_close, log_);
        options_.output.rotation.on_close = [this](const std::string& name) { command_->run(name); };
    }
    output_.emplace(options_.output, log_);
}

void Service::run_live(std::vector<std::unique_ptr<capture::LiveSource>> sources) {
    const std::uint32_t link_type = sources.front()->link_type();
    const bool has_nanoseconds = sources.front()->has_nanoseconds();
    control::Server server(options_.control, options_.identity, switch_, counters_, log_);
    control::drop_privileges(options_.user);
    begin_output();
    output_->begin(link_type, has_nanoseconds, Timestamp::now());
    LiveCapture live(
        std::move(sources), options_.work, switch_, counts_, *output_, [this] { log_.warn(counters()); },
        log_);
    live.start();
    server.start();
    if (!control::enter_sandbox()) log_.warn("no seccomp filter can be set here: going on without one");
    try {
        live.run();
    } catch (const Error& error) {
        log_.error(error.what());
    }
    finish();
}

void Service::run_files(const Open& open, const std::function<void(std::uint64_t)>& progress) {
    begin_output();
    PacketWork::Countdown taken{0};
    PacketWork work(options_.work, taken, switch_, counts_, *output_, log_);
    const auto source = open([&] {
        work.flush();
        if (control::take_report_request()) log_.warn(counters());
        if (control::take_reopen_request()) output_->rotate();
        if (control::stop_requested()) throw control::Stopped{};
    });
    try {
        capture::Packet packet;
        for (std::uint64_t n = 1; !control::stop_requested() && source->next(packet); ++n) {
            if (!work.take(packet)) break;
            progress(n);
        }
        work.flush();
    } catch (const control::Stopped&) {
        // Nothing more is wanted of the input; what was read of it is written.
    } catch (const Error& error) {
        log_.error(error.what());
        work.publish();
    }
    finish();
}

void Service::finish() {
    try {
        output_->close();
    } catch (const Error& error) {
        log_.error(error.what());
    }
    if (command_ && !command_->finish()) {
        log_.error("the command of --on-close did not do its work for every file");
    }
}

std::uint64_t Service::written() {
    return options_.work.writes_records ? counts_.records.value() : output_->packets();
}

void Service::report() {
    if (const std::uint64_t n = output_->lost(); n > 0)
        log_.error(fmt::format("{} packets came in and could not be written", n));
    if (const std::uint64_t n = output_->other_link_type(); n > 0)
        log_.error(
            fmt::format("{} packets have another link type than the first one, and a pcap file has one "
                        "only; -T pcapng takes them all",
                        n));
    if (const std::uint64_t n = output_->coarsened(); n > 0)
        log_.warn(fmt::format(
            "{} packets have a time in nanoseconds, and the file has microseconds; -T pcapng keeps "
            "each as it is",
            n));
    if (const std::uint64_t n = counts_.kernel_drops.value(); n > 0)
        log_.warn(
            fmt::format("the kernel dropped {} packets that were not read in time; a larger --rcvbuf, more "
                        "--workers or a narrower --port or -f help",
                        n));
    if (const std::uint64_t n = counts_.interface_drops.value(); n > 0)
        log_.warn(fmt::format("the interface dropped {} packets", n));
    if (const std::string text = counts_.malformed_text(); !text.empty())
        log_.warn(fmt::format("malformed and left out: {}", text));
    if (const std::string text = counts_.undecoded_text(); !text.empty())
        log_.warn(fmt::format("not decoded: {}", text));
}

std::string Service::counters() {
    const std::string written_text =
        options_.work.writes_records ? fmt::format("{} records", counts_.records.value())
        : options_.output.rotation.name.empty()
            ? fmt::format("{} written", output_->packets())
            : fmt::format("{} written, {} files finished", output_->packets(), output_->files());
    return fmt::format("{} packets, {}, {} filtered out, {} while switched off, {} dropped by the kernel",
                       counts_.packets.value(), written_text, counts_.filtered.value(), counts_.off.value(),
                       counts_.kernel_drops.value());
}

}  // namespace hepcap::sniff
