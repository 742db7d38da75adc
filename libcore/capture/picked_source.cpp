#include "capture/picked_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hepcap::capture {

PickedSource::PickedSource(std::unique_ptr<Source> source, std::vector<Pick> picks, std::string name,
                           Log& log)
    : source_(std::move(source)), picks_(std::move(picks)), name_(std::move(name)), log_(log) {
    std::sort(picks_.begin(), picks_.end());
    picks_.erase(std::unique(picks_.begin(), picks_.end()), picks_.end());
}

bool PickedSource::next(Packet& packet) {
    while (at_ < picks_.size() && source_->next(packet)) {
        bool is_here = false;
        // Two picks of a packet that say two offsets: one of them, at most, is right.
        for (; at_ < picks_.size() && picks_[at_].frame <= packet.origin.frame; ++at_) {
            if (picks_[at_] == Pick{packet.origin.frame, packet.origin.offset}) {
                is_here = true;
            } else {
                ++misplaced_;
            }
        }
        if (is_here) return true;
    }
    finish();
    return false;
}

void PickedSource::finish() {
    if (is_finished_) return;
    is_finished_ = true;
    const std::uint64_t missing = misplaced_ + (picks_.size() - at_);
    if (missing == 0) return;
    log_.error(fmt::format(
        "'{}' does not have {} of the {} packets that were picked from it: it is not the file that "
        "the records are of",
        name_, missing, picks_.size()));
}

}  // namespace hepcap::capture
