// Packets into savefiles that are changed by size, by time or on demand, as tcpdump's -C, -G and -W do.
//
// No packet is lost or torn at a change: each is whole in the one file or the other.  A file has its
// name only once it is whole (see PartFile); a name that is taken is not overwritten but numbered, with
// two exceptions that are meant: the first file where there is no rotation, and the ring of -C with -W.
//
// After the first file, which is made at once so that a directory that cannot be written is noticed, a
// file is made when its first packet comes: there are no empty ones.  Names and periods go by the clock
// that the caller gives, the packets' own as a rule.  Not for several threads at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "base/output.hpp"
#include "capture/part_file.hpp"
#include "capture/pcap_writer.hpp"

namespace hepcap::capture {

struct RotationOptions {
    std::string name;  // codes of strftime(3) are filled in; ".zst" at its end compresses
    SavefileOptions savefile;
    std::uint64_t max_octets = 0;      // -C: a new file before a packet that comes when there are more
    std::uint64_t period_seconds = 0;  // -G
    std::uint64_t file_count = 0;      // -W: with -C a ring of so many, with -G the end after so many
    std::uint64_t keep_days = 0;       // older files of this name are removed
    std::uint64_t keep_octets = 0;     // the oldest are removed until the others have no more than this
    std::function<void(const std::string& name)> on_close;  // may be empty

    bool is_ring() const { return max_octets > 0 && file_count > 0; }
    bool is_rotating() const { return max_octets > 0 || period_seconds > 0; }
    // Throws Error (usage) where they contradict each other, or no file can have the name; makes none.
    void check() const;
};

class RotatingWriter {
public:
    // Throws Error (usage) for options that contradict each other.
    RotatingWriter(RotationOptions options, Timestamp now, Log& log);

    // After tick(), and not once is_complete().  False where the file cannot hold the packet: see
    // PcapWriter.  Throws Error where the file cannot be written; it is then closed with what was
    // written before, and lost() says how many packets are missing.
    bool write(const Packet& packet, Timestamp now);

    // Nothing is held back.
    void flush();

    // Changes the file where its time is over.
    void tick(Timestamp now);
    // Changes the file now, where it has a packet.
    void rotate();

    // Ends the last file.
    void close();

    // -G with -W: all files that were asked for are there.
    bool is_complete() const { return is_complete_; }

    std::uint64_t files() const { return files_; }
    std::uint64_t packets() const { return packets_; }
    // Packets that were taken and are in no file, because it could not be written.
    std::uint64_t lost() const { return lost_; }
    std::uint64_t removed() const { return removed_; }
    std::uint64_t coarsened() const { return coarsened_; }

private:
    void open(Timestamp now);
    void begin_period(Timestamp now);
    void close_file();
    void give_up_file();
    void write_to_file(std::string_view octets);
    std::string next_name(Timestamp now);
    void remove_old(const std::string& newest);

    RotationOptions options_;
    Log& log_;
    std::unique_ptr<PartFile> file_;
    Output out_;
    std::optional<PcapWriter> writer_;
    Timestamp due_;             // when the period of the file, or of the last one, is over
    std::string last_dated_;    // the name of the last file without its number …
    std::uint64_t number_ = 0;  // … and that number
    std::uint64_t files_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t safe_packets_ = 0;  // of the file: those that a failure to write cannot take away
    std::uint64_t lost_ = 0;
    std::uint64_t removed_ = 0;
    std::uint64_t coarsened_ = 0;
    bool is_first_ = true;
    bool is_dirty_ = false;  // something was written since the last flush
    bool is_complete_ = false;
};

}  // namespace hepcap::capture
