// Packets of one capture file: pcap or pcapng, plain, gzip or zstd, told by content.
#pragma once

#include <string>
#include <variant>

#include "base/log.hpp"
#include "capture/byte_stream.hpp"
#include "capture/packet.hpp"
#include "capture/pcap_reader.hpp"
#include "capture/pcapng_reader.hpp"

namespace hepcap::capture {

class FileSource final : public Source {
public:
    // Opens `name`, "-" being standard input.  Throws Error where nothing can be read of it: it cannot
    // be opened, is empty, no capture, or of a format or version that hepcap does not read.
    // `log` gets at most one sentence, at the end: where the file is damaged and what was read before.
    FileSource(std::string name, Log& log, const StreamOptions& options = {});
    // Over anything that reads as read(2) does; `name` is for the sentences and the packets' origin.
    FileSource(std::string name, Log& log, ReadFunction read);

    FileSource(const FileSource&) = delete;  // the packets' origin points to name_
    FileSource& operator=(const FileSource&) = delete;

    bool next(Packet& packet) override;
    std::uint64_t damaged_inputs() const override { return is_damaged_ ? 1 : 0; }

private:
    void find_format();
    void finish();

    std::string name_;
    Log& log_;
    ByteStream stream_;
    std::variant<std::monostate, PcapReader, PcapngReader> reader_;
    bool is_finished_ = false;
    bool is_damaged_ = false;
};

}  // namespace hepcap::capture
