// Packets as a savefile: classic pcap (draft-ietf-opsawg-pcap) or pcapng (draft-ietf-opsawg-pcapng),
// little-endian, in microseconds or nanoseconds.  The counterpart of PcapReader and PcapngReader.
//
// Writes into an Output that somebody else owns and flushes; a packet is put there whole or not at
// all, so that whatever the Output hands on ends between two packets.  The file header is there once
// the writer is made: a reader at the other end of a pipe can begin.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/output.hpp"
#include "capture/packet.hpp"

namespace hepcap::capture {

enum class SavefileForm : std::uint8_t { pcap, pcapng };

struct SavefileOptions {
    SavefileForm form = SavefileForm::pcap;
    std::uint32_t link_type = 1;   // of the packets to come; in pcapng others may come, too
    bool has_nanoseconds = false;  // in pcapng each packet's own precision counts
    std::uint32_t snaplen = 262144;
    std::string application;     // pcapng: shb_userappl, where not empty
    std::string interface_name;  // pcapng: if_name, where not empty
};

// The packets at the beginning of `octets`, which some writer made, that end within `limit` octets.
struct WholePackets {
    std::uint64_t packets = 0;
    std::size_t octets = 0;
};
WholePackets whole_packets(SavefileForm form, std::string_view octets, std::size_t limit);

class PcapWriter {
public:
    // `out` outlives the writer.
    PcapWriter(Output& out, SavefileOptions options);

    // False, and nothing is written, where a classic savefile cannot hold the packet: its link type is
    // not that of the file.  A time that the form cannot say (before 1970, after 2106 in pcap) becomes
    // the nearest that it can.
    [[nodiscard]] bool write(const Packet& packet);

    std::uint64_t packets() const { return packets_; }
    // Octets of the file so far, headers included, before any compression.
    std::uint64_t octets() const { return octets_; }
    // Packets whose time was finer than the file's.
    std::uint64_t coarsened() const { return coarsened_; }

private:
    struct Interface {
        std::uint32_t link_type;
        bool has_nanoseconds;
    };

    void write_pcap_header();
    void write_section_header();
    void write_interface(const Interface& interface, const std::string& name);
    void write_record(const Packet& packet);
    void write_enhanced(const Packet& packet);
    std::uint32_t interface_for(const Packet& packet);
    void append(const std::vector<std::uint8_t>& octets);

    Output& out_;
    SavefileOptions options_;
    std::vector<Interface> interfaces_;
    std::uint64_t packets_ = 0;
    std::uint64_t octets_ = 0;
    std::uint64_t coarsened_ = 0;
};

}  // namespace hepcap::capture
