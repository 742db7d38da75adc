// An output that is a file for each period, NAME.part until it is complete: what has its name is whole.
//
// Periods are those of the clock: with 60 seconds a file ends with its minute.  A file is made when there
// is something for it, so an idle hour leaves no empty files.  What is given to write() is never torn.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "capture/part_file.hpp"

namespace hepcap::collect {

class RotatedFile {
public:
    using Clock = std::chrono::system_clock;

    // `name` may have codes of strftime(3), `preamble` begins each file.  Makes the first one at once, so
    // that a directory which cannot be written to is noticed; throws Error.
    RotatedFile(std::string name, std::string preamble, std::chrono::seconds period);

    // All three throw Error.  `octets` hold `records` records.
    void write(std::string_view octets, std::uint64_t records);
    // Ends the file where its period is over.
    void tick();
    // Ends the file now, where something was written to it.
    void end();

    // When tick() has something to do; nothing where nothing was written.
    std::optional<Clock::time_point> due() const;

    // Records that were written and are lost where the file cannot be gone on with: those of a compressed
    // frame that has begun.  What that came to, after an Error.
    std::uint64_t in_doubt() const { return in_doubt_; }

private:
    void begin();

    std::string pattern_;
    std::string preamble_;
    std::chrono::seconds period_;
    std::unique_ptr<capture::PartFile> file_;
    bool has_content_ = false;
    std::uint64_t in_doubt_ = 0;
    Clock::time_point due_{};
};

}  // namespace hepcap::collect
