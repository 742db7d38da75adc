#include "capture/datagram.hpp"

#include <charconv>
#include <string_view>

namespace hepcap::capture {

namespace {

std::string_view word(LayerKind kind) {
    switch (kind) {
        case LayerKind::vlan: return "vlan";
        case LayerKind::ipip: return "ipip";
        case LayerKind::sit: return "sit";
        case LayerKind::mpls: return "mpls";
        case LayerKind::pppoe: return "pppoe";
        case LayerKind::gre: return "gre";
        case LayerKind::erspan: return "erspan";
        case LayerKind::vxlan: return "vxlan";
        case LayerKind::geneve: return "geneve";
        case LayerKind::gtpu: return "gtpu";
        case LayerKind::tzsp: return "tzsp";
    }
    return "unknown";
}

}  // namespace

std::size_t format(const Layer& layer, char* out) {
    const std::string_view text = word(layer.kind);
    char* end = out + text.copy(out, text.size());
    if (layer.has_id) {
        *end++ = ':';
        end = std::to_chars(end, out + max_layer_text, layer.id).ptr;
    }
    return static_cast<std::size_t>(end - out);
}

}  // namespace hepcap::capture
