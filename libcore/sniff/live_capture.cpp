#include "sniff/live_capture.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "base/error.hpp"
#include "base/signals_blocked.hpp"
#include "control/signals.hpp"

namespace hepcap::sniff {

namespace {

constexpr int idle_wait_ms = 100;
constexpr std::int64_t ns_per_ms = 1'000'000;

std::int64_t now_ns(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

struct LiveCapture::Worker {
    Worker(std::unique_ptr<capture::LiveSource> live, const WorkOptions& options,
           PacketWork::Countdown& taken, control::CaptureSwitch& capture, SniffCounters& counters,
           SharedOutput& output, Log& log)
        : source(std::move(live)), packet_work(options, taken, capture, counters, output, log) {}

    std::unique_ptr<capture::LiveSource> source;
    PacketWork packet_work;
    capture::LiveCounts published;
    std::int64_t next_counts_ns = 0;
    std::exception_ptr failure;
    std::atomic<bool> is_done = false;
    std::thread thread;
};

LiveCapture::LiveCapture(std::vector<std::unique_ptr<capture::LiveSource>> sources,
                         const WorkOptions& options, control::CaptureSwitch& capture, SniffCounters& counters,
                         SharedOutput& output, std::function<void()> report, Log& log)
    : options_(options),
      capture_(capture),
      counters_(counters),
      output_(output),
      report_(std::move(report)),
      done_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (done_event_ < 0) throw Error("cannot make an eventfd: " + errno_text(errno));
    for (auto& source : sources) {
        workers_.push_back(
            std::make_unique<Worker>(std::move(source), options_, taken_, capture_, counters_, output_, log));
    }
}

LiveCapture::~LiveCapture() {
    is_ended_ = true;
    release_threads(false);
    for (const auto& worker : workers_) {
        if (worker->thread.joinable()) worker->thread.join();
    }
    ::close(done_event_);
}

void LiveCapture::start() {
    // A closed pipe ends the program, whichever thread wrote into it.
    const SignalsBlocked blocked{SIGPIPE};
    for (const auto& worker : workers_) {
        worker->thread = std::thread([this, w = worker.get()] { work(*w); });
    }
}

void LiveCapture::release_threads(bool is_wanted) {
    if (!is_wanted) is_ended_ = true;
    {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
    }
    gate_.notify_all();
}

bool LiveCapture::are_all_done() const {
    for (const auto& worker : workers_) {
        if (!worker->is_done) return false;
    }
    return true;
}

void LiveCapture::run() {
    release_threads(true);
    std::exception_ptr failure;
    while (!are_all_done()) {
        pollfd state{done_event_, POLLIN, 0};
        ::poll(&state, 1, idle_wait_ms);
        std::uint64_t ignored = 0;
        [[maybe_unused]] const ssize_t got = ::read(done_event_, &ignored, sizeof ignored);
        if (control::stop_requested() && stop_ns_ == 0) {
            stop_ns_ = now_ns(CLOCK_REALTIME);
            // Where a reader takes nothing any more, the end is waited for in vain.
            control::let_second_stop_end_at_once();
        }
        if (control::take_report_request()) report_();
        try {
            look_after_files();
        } catch (const Error&) {
            failure = std::current_exception();
        }
        if (failure) break;
        // One that has enough (-c), or cannot go on, has it for all.
        for (const auto& worker : workers_) {
            if (worker->is_done && stop_ns_ == 0) is_ended_ = true;
        }
    }
    is_ended_ = true;
    for (const auto& worker : workers_) {
        worker->thread.join();
        if (!failure) failure = worker->failure;
    }
    if (failure) std::rethrow_exception(failure);
}

void LiveCapture::look_after_files() {
    if (control::take_reopen_request()) output_.rotate();
    output_.tick({now_ns(CLOCK_REALTIME)});
    if (output_.is_complete()) is_ended_ = true;
}

void LiveCapture::work(Worker& worker) {
    {
        std::unique_lock lock(mutex_);
        gate_.wait(lock, [this] { return is_open_; });
    }
    try {
        if (!is_ended_) read_until_stopped(worker);
        worker.packet_work.flush();
    } catch (...) {
        worker.failure = std::current_exception();
        worker.packet_work.publish();
    }
    publish_drops(worker);
    worker.is_done = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t put = ::write(done_event_, &one, sizeof one);
}

void LiveCapture::read_until_stopped(Worker& worker) {
    // After the stop a packet may still be in the hands of the kernel; it has it for so long at most.
    const std::int64_t longest_delay_ns = (2 * worker.source->delay_ms() + 10) * ns_per_ms;
    // A clock that was set back must not make this endless.
    constexpr std::int64_t longest_end_ns = 2'000 * ns_per_ms;
    bool is_enough = false;
    const capture::LiveSource::Take take = [&](const capture::Packet& packet) {
        const std::int64_t stop = stop_ns_.load(std::memory_order_relaxed);
        is_enough = (stop != 0 && packet.time.ns > stop) || !worker.packet_work.take(packet);
        return !is_enough;
    };
    while (!is_ended_ && !is_enough) {
        const std::size_t count = worker.source->read(take);
        const std::int64_t now = now_ns(CLOCK_MONOTONIC);
        if (now >= worker.next_counts_ns) {
            worker.next_counts_ns = now + 500 * ns_per_ms;
            publish_drops(worker);
        }
        const std::int64_t stop = stop_ns_;
        const std::int64_t since_stop = stop == 0 ? 0 : now_ns(CLOCK_REALTIME) - stop;
        if (since_stop > longest_end_ns) break;
        if (count > 0) {
            worker.packet_work.publish();
            continue;
        }
        worker.packet_work.flush();
        if (since_stop > longest_delay_ns) break;
        worker.source->wait(stop == 0 ? idle_wait_ms : 5);
    }
}

void LiveCapture::publish_drops(Worker& worker) {
    const capture::LiveCounts counts = worker.source->counts();
    counters_.kernel_drops.add(counts.dropped_by_kernel - worker.published.dropped_by_kernel);
    counters_.interface_drops.add(counts.dropped_by_interface - worker.published.dropped_by_interface);
    worker.published = counts;
}

}  // namespace hepcap::sniff
