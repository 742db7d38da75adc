#include "base/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/ascii.hpp"

namespace hepcap {
namespace {

constexpr std::size_t max_length = 64;

// Distance of Damerau and Levenshtein in its restricted form (no pair is exchanged and then edited
// again), by rows: `now[j]` is the distance of the first i characters of `a` to the first j of `b`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::array<std::size_t, max_length + 1> before_last{};
    std::array<std::size_t, max_length + 1> last{};
    std::array<std::size_t, max_length + 1> now{};
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = to_lower(a[i - 1]) == to_lower(b[j - 1]);
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
            if (i > 1 && j > 1 && to_lower(a[i - 1]) == to_lower(b[j - 2]) &&
                to_lower(a[i - 2]) == to_lower(b[j - 1])) {
                now[j] = std::min(now[j], before_last[j - 2] + 1);
            }
        }
        before_last = last;
        last = now;
    }
    return last[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.empty() || word.size() > max_length) return {};
    std::string_view best;
    std::size_t best_distance = max_length + 1;
    for (const std::string_view candidate : candidates) {
        if (candidate.empty() || candidate.size() > max_length) continue;
        const std::size_t slips = distance(word, candidate);
        const std::size_t allowed = std::max<std::size_t>(1, std::max(word.size(), candidate.size()) / 3);
        // A distance of the whole length has nothing in common: 'x' is not near to 'v'.
        const bool shares_something = slips < std::max(word.size(), candidate.size());
        // Of two that are as near, the one of which the word is the beginning: 'of' is 'off', and not 'on'.
        const bool is_nearer = slips < best_distance || (slips == best_distance && !best.starts_with(word) &&
                                                         candidate.starts_with(word));
        if (shares_something && slips <= allowed && is_nearer) {
            best = candidate;
            best_distance = slips;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    const std::string_view near = nearest(word, candidates);
    if (near.empty()) return {};
    std::string out = "; did you mean '";
    out += near;
    return out += "'?";
}

}  // namespace hepcap
