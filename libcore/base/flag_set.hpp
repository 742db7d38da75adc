// A small set of enumerators, for what a decoder has to say beside its result.
#pragma once

#include <cstdint>

namespace hepcap {

// `Flag` counts from zero, without gaps, to `count_`, 32 at most.
template <class Flag>
class FlagSet {
    static_assert(static_cast<unsigned>(Flag::count_) <= 32);

public:
    void add(Flag flag) { bits_ |= bit(flag); }
    bool has(Flag flag) const { return (bits_ & bit(flag)) != 0; }
    bool empty() const { return bits_ == 0; }
    void clear() { bits_ = 0; }

    // Calls visit(flag) for each that is in the set, in the order of the enumeration.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::uint32_t rest = bits_, i = 0; rest != 0; rest >>= 1, ++i) {
            if ((rest & 1) != 0) visit(static_cast<Flag>(i));
        }
    }

private:
    static std::uint32_t bit(Flag flag) { return std::uint32_t{1} << static_cast<unsigned>(flag); }

    std::uint32_t bits_ = 0;
};

}  // namespace hepcap
