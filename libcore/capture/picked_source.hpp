// Some packets of a capture file: those that somebody wrote down by number.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "capture/packet.hpp"

namespace hepcap::capture {

// Where a packet stands in a file: see Origin.
struct Pick {
    std::uint64_t frame = 0;
    std::uint64_t offset = 0;

    friend auto operator<=>(const Pick&, const Pick&) = default;
};

class PickedSource final : public Source {
public:
    // `picks` in any order, doubles allowed.  `name` is the file's, for the sentences to `log`: where a
    // packet is not in the file, or stands at another offset, the file is not the one that was meant,
    // and the packet is left out.
    PickedSource(std::unique_ptr<Source> source, std::vector<Pick> picks, std::string name, Log& log);

    bool next(Packet& packet) override;
    std::uint64_t damaged_inputs() const override { return source_->damaged_inputs(); }

private:
    void finish();

    std::unique_ptr<Source> source_;
    std::vector<Pick> picks_;  // sorted, each once
    std::size_t at_ = 0;       // of the next one in it
    std::uint64_t misplaced_ = 0;
    std::string name_;
    Log& log_;
    bool is_finished_ = false;
};

}  // namespace hepcap::capture
