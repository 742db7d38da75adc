#include "net/consumer.hpp"

namespace hepcap::net {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(CloseCause::count_)> cause_names{
    "ended",      "cut-frame", "reset",       "bad-frame",      "slow-frame", "idle",    "not-allowed",
    "over-limit", "evicted",   "over-memory", "slow-handshake", "tls-failed", "stopped",
};
static_assert(!cause_names.back().empty(), "one name for each cause");

}  // namespace

std::string_view close_cause_name(CloseCause cause) { return cause_names[static_cast<std::size_t>(cause)]; }

}  // namespace hepcap::net
