#include "sniff/shared_output.hpp"

#include <unistd.h>

#include <algorithm>

namespace hepcap::sniff {

using Lock = std::lock_guard<std::mutex>;

void SharedOutput::begin(std::uint32_t link_type, bool has_nanoseconds, Timestamp now) {
    const Lock lock(mutex_);
    begin_locked(link_type, has_nanoseconds, now);
}

void SharedOutput::begin_locked(std::uint32_t link_type, bool has_nanoseconds, Timestamp now) {
    is_begun_ = true;
    if (options_.is_lines || options_.rotation.name.empty()) {
        stdout_.emplace(STDOUT_FILENO, "standard output");
        if (options_.is_lines) return;
    }
    capture::SavefileOptions& savefile = options_.rotation.savefile;
    savefile.link_type = link_type;
    savefile.has_nanoseconds = has_nanoseconds;
    if (stdout_) {
        writer_.emplace(*stdout_, savefile);
        flush_stdout();  // what a full disk leaves can be read
    } else {
        files_.emplace(options_.rotation, now, log_);
    }
}

bool SharedOutput::write(const capture::Packet& packet) {
    const Lock lock(mutex_);
    if (!is_begun_) begin_locked(packet.link_type, packet.has_nanoseconds, packet.time);
    bool is_written = false;
    if (files_) {
        tick_locked(packet.time);
        if (files_->is_complete()) return false;
        is_written = files_->write(packet, packet.time);
    } else {
        is_written = write_to_stdout(packet);
    }
    if (!is_written) ++other_link_type_;
    publish();
    return true;
}

bool SharedOutput::write_to_stdout(const capture::Packet& packet) {
    const std::size_t waiting = stdout_->size();
    try {
        if (!writer_->write(packet)) return false;
    } catch (...) {
        settle(true);
        ++refused_;
        throw;
    }
    // Where no more waits than before, all that waited has gone.
    if (stdout_->size() <= waiting) settled_ = writer_->packets() - 1;
    return true;
}

// What has been written so far, or what waited, has gone the one way or the other.
void SharedOutput::settle(bool is_lost) {
    if (!writer_) return;
    if (is_lost) {
        const auto written =
            capture::whole_packets(options_.rotation.savefile.form, stdout_->refused(), stdout_->accepted());
        const std::uint64_t waited = writer_->packets() - settled_;
        unwritten_ += waited - std::min(waited, written.packets);
    }
    settled_ = writer_->packets();
}

void SharedOutput::flush_stdout() {
    try {
        stdout_->flush();
    } catch (...) {
        settle(true);
        throw;
    }
    settle(false);
}

void SharedOutput::write_lines(std::string_view lines) {
    const Lock lock(mutex_);
    if (!is_begun_) begin_locked(0, false, {});
    stdout_->append(lines);
    stdout_->flush();
}

void SharedOutput::flush() {
    const Lock lock(mutex_);
    if (files_) files_->flush();
    if (stdout_) flush_stdout();
}

void SharedOutput::tick(Timestamp now) {
    // Where a thread has the lock it writes, and looks at the time itself.
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock && files_) tick_locked(now);
}

void SharedOutput::tick_locked(Timestamp now) {
    if (is_rotation_wanted_.load(std::memory_order_relaxed)) {
        is_rotation_wanted_ = false;
        files_->rotate();
    }
    files_->tick(now);
    publish();
}

void SharedOutput::publish() {
    constexpr auto relaxed = std::memory_order_relaxed;
    const std::uint64_t to_stdout = writer_ ? writer_->packets() : 0;
    packets_.store(files_ ? files_->packets() : to_stdout - unwritten_, relaxed);
    if (!files_) return;
    file_count_.store(files_->files(), relaxed);
    is_complete_.store(files_->is_complete(), relaxed);
}

void SharedOutput::close() {
    constexpr std::uint32_t ethernet = 1;
    const Lock lock(mutex_);
    if (!is_begun_) begin_locked(ethernet, false, {});
    try {
        if (files_) files_->close();
        if (stdout_) flush_stdout();
    } catch (...) {
        publish();
        throw;
    }
    publish();
}

std::uint64_t SharedOutput::lost() {
    const Lock lock(mutex_);
    return files_ ? files_->lost() : unwritten_ + refused_;
}

std::uint64_t SharedOutput::other_link_type() {
    const Lock lock(mutex_);
    return other_link_type_;
}

std::uint64_t SharedOutput::coarsened() {
    const Lock lock(mutex_);
    return files_ ? files_->coarsened() : writer_ ? writer_->coarsened() : 0;
}

}  // namespace hepcap::sniff
