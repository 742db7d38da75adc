// What dissection makes of a packet: one transport payload with the innermost addresses.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/endpoint.hpp"
#include "capture/packet.hpp"

namespace hepcap::capture {

// One layer that was taken off on the way in, e.g. VLAN 100 or an IP-in-IP header.
enum class LayerKind : std::uint8_t { vlan, ipip, sit, mpls, pppoe, gre, erspan, vxlan, geneve, gtpu, tzsp };

struct Layer {
    LayerKind kind{};
    std::uint32_t id = 0;  // VLAN, label, network identifier
    bool has_id = false;
};

inline constexpr std::size_t max_layer_text = 24;

// Writes "vlan:100", "ipip" …, the element of a record's `encap`, to `out`, which has room for
// `max_layer_text` characters; returns the length.
std::size_t format(const Layer& layer, char* out);

// The inverse; nothing where that is no layer.
std::optional<Layer> parse_layer(std::string_view text);

// Outermost first.  Eight layers are more than any network stacks; a packet with more is refused.
class Encap {
public:
    static constexpr std::size_t max_layers = 8;

    bool push(Layer layer) {
        if (size_ == max_layers) return false;
        layers_[size_++] = layer;
        return true;
    }
    void clear() { size_ = 0; }
    bool empty() const { return size_ == 0; }
    const Layer* begin() const { return layers_.data(); }
    const Layer* end() const { return layers_.data() + size_; }

private:
    std::array<Layer, max_layers> layers_{};
    std::size_t size_ = 0;
};

// A view, valid as long as the packet it came from (reassembly owns the memory it points into).
struct Datagram {
    Timestamp time;
    bool has_nanoseconds = false;
    bool is_cut = false;  // the snaplen took the end of the payload away
    Transport transport = Transport::none;
    Endpoint source;
    Endpoint destination;
    Bytes payload;
    Encap encap;
    Origin origin;
};

}  // namespace hepcap::capture
