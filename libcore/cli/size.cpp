#include "cli/size.hpp"

#include <fmt/core.h>

#include <charconv>
#include <cstdint>

#include "base/error.hpp"
#include "base/excerpt.hpp"

namespace hepcap::cli {

std::size_t parse_size(std::string_view text, std::string_view option) {
    constexpr std::uint64_t largest = std::uint64_t{1} << 46;
    std::string_view digits = text;
    unsigned shift = 0;
    if (!digits.empty()) {
        switch (digits.back()) {
            case 'k':
            case 'K': shift = 10; break;
            case 'm':
            case 'M': shift = 20; break;
            case 'g':
            case 'G': shift = 30; break;
            default: break;
        }
        if (shift > 0) digits.remove_suffix(1);
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || value > largest >> shift) {
        throw Error(fmt::format("{}: {} is no size, e.g. 65536, 64K, 32M or 2G", option, excerpt(text)),
                    ExitCode::usage);
    }
    return value << shift;
}

}  // namespace hepcap::cli
