#include "capture/datagram.hpp"

#include <algorithm>
#include <charconv>

namespace hepcap::capture {

namespace {

constexpr std::array<std::string_view, 11> words{"vlan",   "ipip",  "sit",    "mpls", "pppoe", "gre",
                                                 "erspan", "vxlan", "geneve", "gtpu", "tzsp"};
static_assert(words.size() == static_cast<std::size_t>(LayerKind::tzsp) + 1);

}  // namespace

std::size_t format(const Layer& layer, char* out) {
    const std::string_view text = words[static_cast<std::size_t>(layer.kind)];
    char* end = out + text.copy(out, text.size());
    if (layer.has_id) {
        *end++ = ':';
        end = std::to_chars(end, out + max_layer_text, layer.id).ptr;
    }
    return static_cast<std::size_t>(end - out);
}

std::optional<Layer> parse_layer(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto found = std::ranges::find(words, text.substr(0, colon));
    if (found == words.end()) return std::nullopt;
    Layer layer{static_cast<LayerKind>(found - words.begin())};
    if (colon == text.size()) return layer;
    layer.has_id = true;
    const char* const end = text.data() + text.size();
    const auto [p, error] = std::from_chars(text.data() + colon + 1, end, layer.id);
    if (error != std::errc{} || p != end) return std::nullopt;
    return layer;
}

}  // namespace hepcap::capture
