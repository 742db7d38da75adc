#include "collect/notices.hpp"

#include <fmt/core.h>

#include <chrono>

#include "base/excerpt.hpp"
#include "net/address.hpp"

namespace hepcap::collect {

bool Notices::is_due(std::size_t slot, std::uint64_t& left_out) {
    constexpr std::int64_t interval_ns = 10'000'000'000;
    Subject& subject = subjects_[slot];
    const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
    std::int64_t next = subject.next_ns.load(std::memory_order_relaxed);
    if (now < next || !subject.next_ns.compare_exchange_strong(next, now + interval_ns)) {
        subject.left_out.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    left_out = subject.left_out.exchange(0, std::memory_order_relaxed);
    return true;
}

void Notices::offer(std::size_t slot, std::string_view what, std::string_view cause, const Endpoint& peer,
                    std::string_view detail) {
    std::uint64_t left_out = 0;
    if (!is_due(slot, left_out)) return;
    std::string sentence = fmt::format("{} from {}: {}", what, net::to_text(peer), cause);
    if (!detail.empty()) sentence += fmt::format(" ({})", detail);
    if (left_out > 0) sentence += fmt::format("; {} more since the last such line", left_out);
    log_.warn(sentence);
}

void Notices::say(std::size_t slot, std::string_view sentence) {
    std::uint64_t left_out = 0;
    if (is_due(slot, left_out)) log_.warn(sentence);
}

}  // namespace hepcap::collect
