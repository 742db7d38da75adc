// Where captured packets, or the records made of them, go: standard output or savefiles, with one lock
// for the several threads that capture.
//
// A thread may wait for long in a write, as long as the reader of a pipe pleases.  Whoever looks after the
// capture does not wait for it: tick(), rotate() and the figures take the lock only where it is free, or
// not at all.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "base/output.hpp"
#include "capture/rotation.hpp"

namespace hepcap::sniff {

struct OutputOptions {
    bool is_lines = false;              // records: write_lines() only
    capture::RotationOptions rotation;  // of packets; an empty name is standard output
};

class SharedOutput {
public:
    SharedOutput(OutputOptions options, Log& log) : options_(std::move(options)), log_(log) {}

    // Makes the file, or the file header: what the packets will be is known now.  write() does it
    // where nobody did.
    void begin(std::uint32_t link_type, bool has_nanoseconds, Timestamp now);

    // False: no more is wanted, as all files that were asked for are there.  Throws Error.
    bool write(const capture::Packet& packet);
    // Whole lines.  Throws Error.
    void write_lines(std::string_view lines);

    // Nothing is held back.
    void flush();
    // Changes files where their time is over, or rotate() asked for it; now, or with the next call.
    void tick(Timestamp now);
    void rotate() { is_rotation_wanted_ = true; }
    // Ends what was begun; a savefile without a packet is begun, too.
    void close();

    bool is_complete() const { return is_complete_; }
    // Packets that are written, or will be with the next flush.
    std::uint64_t packets() const { return packets_; }
    // Packets that were taken and not written, since the disk was full, for instance.
    std::uint64_t lost();
    std::uint64_t files() const { return file_count_; }
    // Packets that a classic savefile cannot hold, as they are of another link type.
    std::uint64_t other_link_type();
    // Packets with a time finer than the file's.
    std::uint64_t coarsened();

private:
    void begin_locked(std::uint32_t link_type, bool has_nanoseconds, Timestamp now);
    void tick_locked(Timestamp now);
    bool write_to_stdout(const capture::Packet& packet);
    void flush_stdout();
    void settle(bool is_lost);
    void publish();

    OutputOptions options_;
    Log& log_;
    std::mutex mutex_;
    std::optional<capture::RotatingWriter> files_;
    std::optional<Output> stdout_;
    std::optional<capture::PcapWriter> writer_;  // into stdout_
    std::uint64_t settled_ = 0;    // packets of writer_ that standard output has taken, or that are lost
    std::uint64_t unwritten_ = 0;  // of them, the lost ones
    std::uint64_t refused_ = 0;    // lost before they were the writer's
    std::uint64_t other_link_type_ = 0;
    bool is_begun_ = false;

    // What is asked for without the lock.
    std::atomic<bool> is_rotation_wanted_ = false;
    std::atomic<bool> is_complete_ = false;
    std::atomic<std::uint64_t> packets_ = 0;
    std::atomic<std::uint64_t> file_count_ = 0;
};

}  // namespace hepcap::sniff
