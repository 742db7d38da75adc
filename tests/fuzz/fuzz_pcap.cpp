// Law: a capture file is refused by an Error, or gives the same packets and the same complaint whether it
// is read at once or octet by octet; frames count up by at least one, offsets rise, and no packet holds
// more than the file can have held.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "capture/file_source.hpp"

using namespace hepcap;

namespace {

struct Complaints final : Log {
    void warn(std::string_view sentence) override { text += sentence; }
    void error(std::string_view sentence) override { text += sentence; }
    std::string text;
};

// Everything that reading in pieces of `piece` octets brings out, as text.
std::string read_all(Bytes file, std::size_t piece) {
    const auto read = [&file, piece](std::uint8_t* out, std::size_t n) {
        const std::size_t size = std::min({n, piece, file.size()});
        std::copy_n(file.data(), size, out);
        file = file.subspan(size);
        return static_cast<ssize_t>(size);
    };
    Complaints complaints;
    std::string all;
    try {
        capture::FileSource source("x", complaints, read);
        capture::Packet packet;
        capture::Origin last;
        while (source.next(packet)) {
            if (packet.origin.frame <= last.frame || packet.origin.offset <= last.offset) std::abort();
            if (packet.data.size() > capture::PcapReader::max_packet) std::abort();
            last = packet.origin;
            all += std::to_string(last.frame) + " " + std::to_string(last.offset) + " " +
                   std::to_string(packet.time.ns) + " " + std::to_string(packet.link_type) + " " +
                   std::to_string(packet.original_length) + " ";
            all += as_text(packet.data);
        }
        if (source.damaged_inputs() != (complaints.text.empty() ? 0 : 1)) std::abort();
    } catch (const Error& error) {
        all += error.what();
    }
    return all + complaints.text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 65536) return 0;
    const Bytes file{data, size};
    const std::string whole = read_all(file, size + 1);
    if (whole.size() < (1 << 20) && read_all(file, 1) != whole) std::abort();
    return 0;
}
