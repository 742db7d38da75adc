// What a file is, by its first octets.  Those that hepcap does not read are recognised all the same:
// a sentence that names the format and the way out helps more than "unknown file".
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace hepcap::capture {

enum class FileFormat : std::uint8_t {
    empty,
    pcap,
    pcapng,
    gzip,
    zstd,
    xz,
    bzip2,
    lz4,
    zip,
    seven_zip,
    snoop,
    netmon,
    sniffer,
    records,  // NDJSON: hepcap's own, most likely
    unknown,
};

// As many octets as recognise() may look at; fewer will do where the file has no more.
inline constexpr std::size_t longest_magic = 16;

FileFormat recognise(Bytes head);

// "snoop" and so on, as a sentence names the format.
std::string_view name(FileFormat format);

// The command that makes plain octets of a compressed format that hepcap does not read ("xz -dc"),
// empty for all others.
std::string_view decompress_command(FileFormat format);

}  // namespace hepcap::capture
