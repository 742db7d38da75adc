// Capturing while it happens: a thread for each source, and one that listens to signals, changes files
// when it is time and tells when all is over.
//
//   LiveCapture capture(sources, options, …);
//   capture.start();      // the threads are there, and wait
//   … enter_sandbox() …
//   capture.run();        // until -c, -W, SIGINT or SIGTERM, or an Error
//
// On SIGINT and SIGTERM what the kernel had received until then is read and written; nothing of it is
// lost, and nothing that comes later is waited for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "capture/live_source.hpp"
#include "sniff/packet_work.hpp"

namespace hepcap::sniff {

class LiveCapture {
public:
    // `report` is called on SIGUSR1.  All but the sources outlive it.
    LiveCapture(std::vector<std::unique_ptr<capture::LiveSource>> sources, const WorkOptions& options,
                control::CaptureSwitch& capture, SniffCounters& counters, SharedOutput& output,
                std::function<void()> report, Log& log);
    ~LiveCapture();
    LiveCapture(const LiveCapture&) = delete;
    LiveCapture& operator=(const LiveCapture&) = delete;

    void start();

    // Throws what a thread failed with: an interface that is gone, a full disk.  Everything that was
    // captured before is then written, as far as it can be.
    void run();

private:
    struct Worker;

    void work(Worker& worker);
    void read_until_stopped(Worker& worker);
    void publish_drops(Worker& worker);
    void look_after_files();
    void release_threads(bool is_wanted);
    bool are_all_done() const;

    const WorkOptions& options_;
    control::CaptureSwitch& capture_;
    SniffCounters& counters_;
    SharedOutput& output_;
    std::function<void()> report_;
    PacketWork::Countdown taken_{0};
    std::vector<std::unique_ptr<Worker>> workers_;

    std::mutex mutex_;
    std::condition_variable gate_;
    bool is_open_ = false;                   // the threads may begin …
    std::atomic<bool> is_ended_ = false;     // … and are to end at once
    std::atomic<std::int64_t> stop_ns_ = 0;  // the wall clock when the end was asked for; 0 before
    int done_event_ = -1;                    // an eventfd: a thread has ended
};

}  // namespace hepcap::sniff
