// Whether captured traffic is passed on: what the module calls capture_on.  One flag, asked by the hot
// path for every message and set by whoever controls the tool; off means that the tool reads on,
// passes nothing on and counts what it kept back.  Relaxed: a message more or less around the moment of
// switching is nobody's loss, and the question costs a plain load.
#pragma once

#include <atomic>

namespace hepcap::control {

class CaptureSwitch {
public:
    explicit CaptureSwitch(bool on = true) : on_(on) {}

    bool is_on() const { return on_.load(std::memory_order_relaxed); }
    void set(bool on) { on_.store(on, std::memory_order_relaxed); }

private:
    std::atomic<bool> on_;
};

}  // namespace hepcap::control
