#include "capture/datagram.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hepcap::capture;

TEST_SUITE("capture") {
    TEST_CASE("a layer's text is its kind, and its number where it has one") {
        const struct {
            Layer layer;
            const char* text;
        } rows[] = {
            {{LayerKind::vlan, 0, true}, "vlan:0"},
            {{LayerKind::vlan, 4095, true}, "vlan:4095"},
            {{LayerKind::ipip, 0, false}, "ipip"},
            {{LayerKind::sit, 0, false}, "sit"},
            {{LayerKind::mpls, 16, true}, "mpls:16"},
            {{LayerKind::pppoe, 0, false}, "pppoe"},
            {{LayerKind::gtpu, 0xffffffff, true}, "gtpu:4294967295"},
            {{LayerKind::erspan, 0xffffffff, true}, "erspan:4294967295"},
            {{LayerKind::geneve, 0xffffffff, true}, "geneve:4294967295"},
        };
        for (const auto& row : rows) {
            char text[max_layer_text];
            CHECK(std::string(text, format(row.layer, text)) == row.text);
        }
    }

    TEST_CASE("one layer more than there may be is refused") {
        Encap encap;
        for (std::size_t i = 0; i < Encap::max_layers; ++i) CHECK(encap.push({LayerKind::ipip, 0, false}));
        CHECK_FALSE(encap.push({LayerKind::ipip, 0, false}));
    }
}
