// What a collector goes by.  Rules never change: to reload, new ones take their place, and each worker
// looks for them before the next message.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "base/network.hpp"
#include "base/shared_slot.hpp"
#include "collect/auth_keys.hpp"
#include "record/from_hep.hpp"
#include "record/record_writer.hpp"
#include "select/filter.hpp"

namespace hepcap::collect {

// What comes out.
enum class Product : std::uint8_t {
    records,        // in the form that the writer's options name
    hep_packets,    // pcap: each datagram or frame whole, in an Ethernet, IP and UDP header
    inner_packets,  // pcap: the packet that the HEP message tells of, rebuilt
};

struct Rules {
    bool is_hep_on = true;
    bool drops_bad_messages = false;
    Product product = Product::records;
    AuthKeys keys;
    std::vector<Network> allowed;  // empty: everybody
    std::optional<select::Filter> filter;
    std::optional<select::Filter> forward_filter;
    record::BuilderOptions builder;
    record::WriterOptions writer;

    bool allow(const IpAddress& peer) const {
        if (allowed.empty()) return true;
        for (const Network& network : allowed) {
            if (network.contains(peer)) return true;
        }
        return false;
    }
};

class RulesSlot {
public:
    explicit RulesSlot(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}

    void set(std::shared_ptr<const Rules> rules) {
        rules_.set(std::move(rules));
        generation_.fetch_add(1, std::memory_order_release);
    }
    std::shared_ptr<const Rules> get() const { return rules_.get(); }
    // Grows with each set(): whoever remembers it sees at the cost of a load that nothing is new.
    std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

private:
    SharedSlot<Rules> rules_;
    std::atomic<std::uint64_t> generation_{1};
};

}  // namespace hepcap::collect
