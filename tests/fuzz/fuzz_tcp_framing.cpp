// The law of HEP over a stream: however the same octets are cut into pieces, the same frames come out,
// the stream goes wrong at the same place, and no octet is lost or told twice.
#include <cstdlib>
#include <string>
#include <vector>

#include "hep/framing.hpp"
#include "net/frame_assembler.hpp"

using namespace hepcap;

namespace {

struct Seen {
    std::vector<std::string> frames;
    std::size_t pending = 0;
    bool is_good = true;

    friend bool operator==(const Seen&, const Seen&) = default;
};

std::ptrdiff_t size_of(Bytes beginning) {
    const auto size = hep::frame_size(beginning);
    return size ? static_cast<std::ptrdiff_t>(*size) : -1;
}

// The first octets say how long the pieces are, in turn; 0 stands for all that is left.
Seen feed(Bytes stream, Bytes cuts) {
    net::FrameAssembler assembler;
    Seen seen;
    for (std::size_t i = 0; !stream.empty() && seen.is_good; ++i) {
        const std::size_t wanted = cuts.empty() ? 0 : cuts[i % cuts.size()];
        const Bytes piece = stream.first(wanted == 0 ? stream.size() : std::min(wanted, stream.size()));
        stream = stream.subspan(piece.size());
        seen.is_good =
            assembler.feed(piece, size_of, [&](Bytes frame) { seen.frames.emplace_back(as_text(frame)); });
    }
    seen.pending = seen.is_good ? assembler.pending() : 0;
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t cut_count = 4;
    if (size < cut_count) return 0;
    const Bytes cuts(data, cut_count);
    const Bytes stream(data + cut_count, size - cut_count);
    const Seen whole = feed(stream, {});
    if (feed(stream, cuts) != whole) std::abort();
    const std::uint8_t one = 1;
    if (feed(stream, {&one, 1}) != whole) std::abort();

    std::size_t at = 0;
    for (const std::string& frame : whole.frames) {
        if (frame != as_text(stream.subspan(at, frame.size()))) std::abort();
        at += frame.size();
    }
    if (whole.is_good && at + whole.pending != stream.size()) std::abort();
    return 0;
}
