#include "capture/flow_sequence.hpp"

#include <functional>
#include <string_view>

namespace hepcap::capture {

namespace {

std::size_t hash(const Endpoint& end) {
    const std::string_view octets(reinterpret_cast<const char*>(end.address.data()), end.address.size());
    return std::hash<std::string_view>{}(octets)*31 + end.port;
}

}  // namespace

std::size_t FlowSequence::place_of(const Endpoint& from, const Endpoint& to) {
    return (hash(from) * 0x9e3779b97f4a7c15ULL + hash(to)) % remembered;
}

std::uint32_t FlowSequence::advance(const Endpoint& from, const Endpoint& to, Timestamp time,
                                    std::size_t size) {
    Entry& entry = entries_[place_of(from, to)];
    if (entry.from != from || entry.to != to) entry = {from, to, static_cast<std::uint32_t>(time.micros())};
    const std::uint32_t first = entry.next;
    entry.next += static_cast<std::uint32_t>(size);
    return first;
}

std::uint32_t FlowSequence::peek(const Endpoint& from, const Endpoint& to) const {
    const Entry& entry = entries_[place_of(from, to)];
    return entry.from == from && entry.to == to ? entry.next : 0;
}

}  // namespace hepcap::capture
