// One captured packet, as a capture file or an interface hands it out.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/timestamp.hpp"

namespace hepcap::capture {

// Where a packet stands in a file.  `file` is the name as the user gave it ("-" for stdin) and lives
// as long as the source; it is empty for interfaces and sockets.
struct Origin {
    std::string_view file;
    std::uint64_t frame = 0;   // from 1
    std::uint64_t offset = 0;  // of the packet record in the uncompressed file, octets
};

// A view: `data` is valid until the source is asked for the next packet.
struct Packet {
    Timestamp time;
    bool has_nanoseconds = false;       // the source counts finer than microseconds
    std::uint32_t link_type = 0;        // LINKTYPE_ number as savefiles carry it
    std::uint32_t original_length = 0;  // on the wire; data.size() is the captured length
    Bytes data;
    Origin origin;

    bool is_cut() const { return data.size() < original_length; }
};

// Packets, one after the other.
class Source {
public:
    virtual ~Source() = default;

    // Fills `packet` and returns true, or returns false at the end.  What is wrong with the file
    // goes to the Log that the source was made with; what could be read has then been handed out.
    virtual bool next(Packet& packet) = 0;

    // How many inputs could not be read to their end, or not at all.  Complete once next() is false.
    virtual std::uint64_t damaged_inputs() const { return 0; }
};

}  // namespace hepcap::capture
