#include "capture/merged_source.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/error.hpp"
#include "capture/file_source.hpp"

namespace hepcap::capture {

namespace {

constexpr std::size_t all_windows = std::size_t{24} << 20;
constexpr std::size_t smallest_window = 8 * 1024;

std::size_t window_for(std::size_t files, std::size_t wanted) {
    const std::size_t share = std::bit_floor(all_windows / std::max<std::size_t>(files, 1));
    return std::min(wanted, std::max(share, smallest_window));
}

// Stands for a file of which nothing could be read.
class RefusedFile final : public Source {
public:
    bool next(Packet&) override { return false; }
    std::uint64_t damaged_inputs() const override { return 1; }
};

std::unique_ptr<Source> open_or_refuse(const std::string& name, Log& log, const StreamOptions& options) {
    try {
        return std::make_unique<FileSource>(name, log, options);
    } catch (const Error& error) {
        log.error(error.what());
        return std::make_unique<RefusedFile>();
    }
}

}  // namespace

MergedSource::MergedSource(std::vector<std::unique_ptr<Source>> sources) : sources_(std::move(sources)) {
    heads_.reserve(sources_.size());
}

void MergedSource::fill_heads() {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        Head head;
        head.source = i;
        if (sources_[i]->next(head.packet)) heads_.push_back(head);
    }
    std::make_heap(heads_.begin(), heads_.end(),
                   [](const Head& a, const Head& b) { return b.comes_before(a); });
}

bool MergedSource::next(Packet& packet) {
    if (!is_started_) {
        is_started_ = true;
        fill_heads();
    } else if (!heads_.empty()) {
        Head& handed_out = heads_.front();
        if (!sources_[handed_out.source]->next(handed_out.packet)) {
            handed_out = heads_.back();
            heads_.pop_back();
        }
        sink_first();
    }
    if (heads_.empty()) return false;
    packet = heads_.front().packet;
    return true;
}

// Restores the heap after its first element has changed.
void MergedSource::sink_first() {
    std::size_t parent = 0;
    for (;;) {
        std::size_t child = 2 * parent + 1;
        if (child >= heads_.size()) return;
        if (child + 1 < heads_.size() && heads_[child + 1].comes_before(heads_[child])) ++child;
        if (!heads_[child].comes_before(heads_[parent])) return;
        std::swap(heads_[parent], heads_[child]);
        parent = child;
    }
}

std::uint64_t MergedSource::damaged_inputs() const {
    std::uint64_t sum = 0;
    for (const auto& source : sources_) sum += source->damaged_inputs();
    return sum;
}

std::unique_ptr<Source> open_files(std::span<const std::string> names, Log& log, StreamOptions options) {
    if (names.size() == 1) return open_or_refuse(names.front(), log, options);
    options.window = window_for(names.size(), options.window);
    std::vector<std::unique_ptr<Source>> sources;
    sources.reserve(names.size());
    for (const std::string& name : names) sources.push_back(open_or_refuse(name, log, options));
    return std::make_unique<MergedSource>(std::move(sources));
}

}  // namespace hepcap::capture
