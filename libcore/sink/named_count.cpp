#include "sink/named_count.hpp"

#include <algorithm>

namespace hepcap::sink {

void count(std::vector<NamedCount>& counts, std::string_view name, std::uint64_t more) {
    // Kinds come from the input, which may be anybody's: past so many names they share one.
    constexpr std::size_t most_names = 256;
    constexpr std::string_view others = "other";
    const auto named = [&](std::string_view n) { return std::ranges::find(counts, n, &NamedCount::name); };
    auto found = named(name);
    if (found == counts.end() && counts.size() >= most_names) {
        name = others;
        found = named(others);
    }
    if (found == counts.end())
        found = counts.insert(counts.end(), NamedCount{std::string(name.substr(0, 64)), 0});
    found->count += more;
}

void add(std::vector<NamedCount>& counts, const std::vector<NamedCount>& more) {
    for (const NamedCount& c : more) count(counts, c.name, c.count);
}

}  // namespace hepcap::sink
