// Law: what is read of any capture file, written and read again is the same packets; and of what was
// written, cut anywhere, whole_packets() says how many packets can be read.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "capture/file_source.hpp"
#include "capture/pcap_writer.hpp"

using namespace hepcap;

namespace {

struct Silent final : Log {
    void warn(std::string_view) override {}
    void error(std::string_view) override {}
};

capture::ReadFunction reading(Bytes file) {
    return [file](std::uint8_t* out, std::size_t n) mutable {
        const std::size_t size = std::min(n, file.size());
        std::copy_n(file.data(), size, out);
        file = file.subspan(size);
        return static_cast<ssize_t>(size);
    };
}

struct Copy {
    std::string packets;  // all of them as text
    std::string file;     // and as a savefile
    std::uint64_t count = 0;
};

Copy copy(Bytes file) {
    Copy made;
    Silent log;
    Output out([&made](std::string_view octets) { made.file += octets; });
    capture::PcapWriter writer(out, {capture::SavefileForm::pcapng, 1, false, 262144, "hepcap", ""});
    try {
        capture::FileSource source("x", log, reading(file));
        for (capture::Packet p; source.next(p); ++made.count) {
            // The form knows no time before 1970, and no fraction of its unit.
            const std::int64_t time =
                std::max<std::int64_t>(p.has_nanoseconds ? p.time.ns : p.time.micros(), 0);
            for (const std::uint64_t part :
                 {static_cast<std::uint64_t>(time), std::uint64_t{p.link_type},
                  std::uint64_t{p.original_length}, std::uint64_t{p.data.size()}}) {
                made.packets += std::to_string(part) + " ";
            }
            made.packets += as_text(p.data);
            if (!writer.write(p)) std::abort();
        }
    } catch (const Error&) {
        // No capture file: no packets.
    }
    out.flush();
    if (writer.octets() != made.file.size() || writer.packets() != made.count) std::abort();
    return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 65536) return 0;
    const Copy first = copy({data, size});
    const Copy second = copy(as_bytes(first.file));
    if (first.packets != second.packets) std::abort();
    const std::size_t limit = size == 0 ? 0 : first.file.size() * data[size - 1] / 255;
    const auto whole = capture::whole_packets(capture::SavefileForm::pcapng, first.file, limit);
    if (whole.octets > limit) std::abort();
    if (copy(as_bytes(first.file).first(whole.octets)).count != whole.packets) std::abort();
    return 0;
}
