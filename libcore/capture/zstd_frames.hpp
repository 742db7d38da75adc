// Octets as zstd, in frames of some MiB each: a file of them that was cut between two is a whole file.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace hepcap::capture {

class ZstdFrames {
public:
    ZstdFrames();
    ~ZstdFrames();
    ZstdFrames(const ZstdFrames&) = delete;
    ZstdFrames& operator=(const ZstdFrames&) = delete;

    // The compressed form of as much as is ready; valid until the next call.  A decompressor that has
    // it all has all that was appended before the last flush() or end().
    std::string_view append(std::string_view octets);
    std::string_view flush();
    // Ends the frame, where one was begun.
    std::string_view end();

    // Whether append() ended a frame, or nothing was begun since one ended.
    bool is_between_frames() const { return in_frame_ == 0; }

private:
    std::string_view run(std::string_view octets, int directive);

    struct Context;
    Context* context_;
    std::vector<char> out_;
    std::uint64_t in_frame_ = 0;
};

}  // namespace hepcap::capture
