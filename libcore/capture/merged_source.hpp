// Packets of many sources in the order of time.
//
// Each source's own order is kept, sorted or not, and packets of the same time come in the order of
// the sources.  Of each source the current packet is held, as the view that it is: a source is asked
// for its next packet only after its current one was handed out and the next one is wanted.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "capture/byte_stream.hpp"
#include "capture/packet.hpp"

namespace hepcap::capture {

class MergedSource final : public Source {
public:
    explicit MergedSource(std::vector<std::unique_ptr<Source>> sources);

    bool next(Packet& packet) override;
    std::uint64_t damaged_inputs() const override;

private:
    struct Head {
        Packet packet;
        std::size_t source = 0;  // index into sources_

        bool comes_before(const Head& other) const {
            return packet.time != other.packet.time ? packet.time < other.packet.time : source < other.source;
        }
    };

    void fill_heads();
    void sink_first();

    std::vector<std::unique_ptr<Source>> sources_;
    std::vector<Head> heads_;  // a binary heap, the earliest first
    bool is_started_ = false;
};

// The named files ("-" is standard input) as one source, merged by time where there are several.
// Together they hold at most 24 MiB of file content, one packet's need aside.  One that cannot be
// opened is an error in the log and a damaged input; the others are read.
std::unique_ptr<Source> open_files(std::span<const std::string> names, Log& log, StreamOptions options = {});

}  // namespace hepcap::capture
