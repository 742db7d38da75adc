#include "collect/rotated_file.hpp"

#include <utility>

#include "base/error.hpp"
#include "base/timestamp.hpp"
#include "capture/savefile_name.hpp"

namespace hepcap::collect {

RotatedFile::RotatedFile(std::string name, std::string preamble, std::chrono::seconds period)
    : pattern_(std::move(name)), preamble_(std::move(preamble)), period_(period) {
    begin();
}

void RotatedFile::begin() {
    const auto since = Clock::now().time_since_epoch();
    const Timestamp time{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
    const std::string dated = capture::dated_name(pattern_, time);
    std::string name = dated;
    for (std::uint64_t number = 1; capture::is_taken(name); ++number) {
        name = capture::numbered_name(dated, number);
    }
    file_ = std::make_unique<capture::PartFile>(std::move(name));
    has_content_ = false;
}

void RotatedFile::write(std::string_view octets, std::uint64_t records) {
    tick();
    if (!file_) begin();
    if (!has_content_) {
        file_->write(preamble_);
        const auto seconds = std::chrono::floor<std::chrono::seconds>(Clock::now());
        due_ = Clock::time_point(seconds.time_since_epoch() / period_ * period_ + period_);
        has_content_ = true;
    }
    file_->write(octets);
    in_doubt_ = file_->is_whole() ? 0 : in_doubt_ + records;
}

std::optional<RotatedFile::Clock::time_point> RotatedFile::due() const {
    return has_content_ ? std::optional(due_) : std::nullopt;
}

void RotatedFile::tick() {
    if (has_content_ && Clock::now() >= due_) end();
}

void RotatedFile::end() {
    if (!has_content_) return;
    has_content_ = false;
    const auto file = std::exchange(file_, nullptr);
    try {
        file->close(file->name());
    } catch (const Error&) {
        if (file->is_whole()) in_doubt_ = 0;  // all of it is there, under the name that ends in .part
        throw;
    }
    in_doubt_ = 0;
}

}  // namespace hepcap::collect
