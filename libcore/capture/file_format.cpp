#include "capture/file_format.hpp"

#include <array>

namespace hepcap::capture {

namespace {

using namespace std::string_view_literals;

struct Magic {
    std::string_view octets;
    FileFormat format;
};

// From each format's own specification; the pcap ones from draft-ietf-opsawg-pcap and, for the
// modified format, from libpcap's documentation.
constexpr std::array magics{
    Magic{"\xd4\xc3\xb2\xa1"sv, FileFormat::pcap},  // microseconds, little-endian
    Magic{"\xa1\xb2\xc3\xd4"sv, FileFormat::pcap},  // microseconds, big-endian
    Magic{"\x4d\x3c\xb2\xa1"sv, FileFormat::pcap},  // nanoseconds
    Magic{"\xa1\xb2\x3c\x4d"sv, FileFormat::pcap},
    Magic{"\x34\xcd\xb2\xa1"sv, FileFormat::pcap},  // modified: longer record headers
    Magic{"\xa1\xb2\xcd\x34"sv, FileFormat::pcap},
    Magic{"\x0a\x0d\x0d\x0a"sv, FileFormat::pcapng},
    Magic{"\x1f\x8b\x08"sv, FileFormat::gzip},
    Magic{"\x28\xb5\x2f\xfd"sv, FileFormat::zstd},
    Magic{"\xfd"
          "7zXZ\0"sv,
          FileFormat::xz},
    Magic{"BZh"sv, FileFormat::bzip2},
    Magic{"\x04\x22\x4d\x18"sv, FileFormat::lz4},
    Magic{"PK\x03\x04"sv, FileFormat::zip},
    Magic{"7z\xbc\xaf\x27\x1c"sv, FileFormat::seven_zip},
    Magic{"snoop\0\0\0"sv, FileFormat::snoop},
    Magic{"RTSS"sv, FileFormat::netmon},
    Magic{"GMBU"sv, FileFormat::netmon},
    Magic{"TRSNIFF data    "sv, FileFormat::sniffer},
    Magic{"{\""sv, FileFormat::records},
};

}  // namespace

FileFormat recognise(Bytes head) {
    if (head.empty()) return FileFormat::empty;
    for (const Magic& magic : magics) {
        if (as_text(head).starts_with(magic.octets)) return magic.format;
    }
    // A zstd file may begin with a skippable frame (RFC 8878 section 3.1.2): 0x184D2A50 to ..5F.
    if (head.size() >= 4 && (head[0] & 0xf0) == 0x50 &&
        as_text(head.subspan(1)).starts_with("\x2a\x4d\x18"sv)) {
        return FileFormat::zstd;
    }
    return FileFormat::unknown;
}

std::string_view name(FileFormat format) {
    switch (format) {
        case FileFormat::empty: return "empty";
        case FileFormat::pcap: return "pcap";
        case FileFormat::pcapng: return "pcapng";
        case FileFormat::gzip: return "gzip";
        case FileFormat::zstd: return "zstd";
        case FileFormat::xz: return "xz";
        case FileFormat::bzip2: return "bzip2";
        case FileFormat::lz4: return "lz4";
        case FileFormat::zip: return "zip";
        case FileFormat::seven_zip: return "7z";
        case FileFormat::snoop: return "snoop";
        case FileFormat::netmon: return "Network Monitor";
        case FileFormat::sniffer: return "Sniffer";
        case FileFormat::records: return "NDJSON";
        case FileFormat::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view decompress_command(FileFormat format) {
    switch (format) {
        case FileFormat::xz: return "xz -dc";
        case FileFormat::bzip2: return "bzip2 -dc";
        case FileFormat::lz4: return "lz4 -dc";
        case FileFormat::zip: return "unzip -p";
        case FileFormat::seven_zip: return "7z x -so";
        default: return "";
    }
}

}  // namespace hepcap::capture
