#include "hep/framing.hpp"

#include <algorithm>
#include <array>

#include "base/cursor.hpp"
#include "hep/wire.hpp"

namespace hepcap::hep {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(FrameFault::count_)> fault_names{
    "unknown-magic",
    "datagram-version",
    "bad-total-length",
};

constexpr std::array<std::string_view, 3> magics{"HEP3", "EEP3", "EEP1"};

bool may_become_magic(std::string_view beginning) {
    const std::string_view seen = beginning.substr(0, magics[0].size());
    return std::any_of(magics.begin(), magics.end(),
                       [seen](std::string_view magic) { return magic.starts_with(seen); });
}

}  // namespace

std::string_view frame_fault_name(FrameFault fault) { return fault_names[static_cast<std::size_t>(fault)]; }

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------+---------------+---------------+---------------+
//   |      "H"      |      "E"      |      "P"      |      "3"      |
//   +---------------+---------------+---------------+---------------+
//   |         total length          |  chunks …
//   +-------------------------------+------
Result<std::size_t, FrameFault> frame_size(Bytes beginning) {
    if (!may_become_magic(as_text(beginning))) {
        const bool is_datagram_version = beginning[0] == 1 || beginning[0] == 2;
        return Unexpected{is_datagram_version ? FrameFault::datagram_version : FrameFault::unknown_magic};
    }
    if (beginning.size() < hep3_header_size) return std::size_t{0};
    const std::size_t total = load_u16(beginning.data() + 4);
    if (total < hep3_header_size) return Unexpected{FrameFault::bad_total_length};
    return total;
}

}  // namespace hepcap::hep
