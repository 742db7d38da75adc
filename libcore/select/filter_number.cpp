#include "select/filter_number.hpp"

#include <charconv>
#include <cstddef>
#include <system_error>

#include "base/ascii.hpp"

namespace hepcap::select {
namespace {

constexpr std::size_t max_number_length = 40;

}  // namespace

std::optional<Number> parse_number(std::string_view text) {
    if (text.empty() || text.size() > max_number_length) return std::nullopt;
    const char* const end = text.data() + text.size();
    Number number;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        const auto [stop, error] = std::from_chars(text.data() + 2, end, number.whole, 16);
        // A sign behind the 0x is none of ours, though from_chars reads it.
        if (error != std::errc{} || stop != end || text[2] == '-') return std::nullopt;
        return number;
    }
    // from_chars also reads "inf", "nan", "1." and ".5".
    const bool starts_well = is_digit(text[0]) || (text[0] == '-' && text.size() > 1 && is_digit(text[1]));
    if (!starts_well || !is_digit(text.back())) return std::nullopt;
    const auto [stop, error] = std::from_chars(text.data(), end, number.whole);
    if (error == std::errc{} && stop == end) return number;

    number.is_whole = false;
    const auto [real_stop, real_error] =
        std::from_chars(text.data(), end, number.real, std::chars_format::fixed);
    if (real_error != std::errc{} || real_stop != end) return std::nullopt;
    return number;
}

std::partial_ordering order(std::int64_t value, const Number& number) {
    if (number.is_whole) return value <=> number.whole;
    // long double holds every 64-bit integer exactly on x86-64 and arm64.
    return static_cast<long double>(value) <=> static_cast<long double>(number.real);
}

std::partial_ordering order(double value, const Number& number) {
    return value <=> (number.is_whole ? static_cast<double>(number.whole) : number.real);
}

std::partial_ordering order_digits(std::string_view text, const Number& number) {
    if (text.empty()) return std::partial_ordering::unordered;
    for (const char c : text) {
        if (!is_digit(c)) return std::partial_ordering::unordered;
    }
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{}) return order(value, number);
    if (number.is_whole) return std::partial_ordering::greater;
    double real = 0;
    const auto [real_stop, real_error] = std::from_chars(text.data(), text.data() + text.size(), real);
    return real_error == std::errc{} ? order(real, number) : std::partial_ordering::greater;
}

}  // namespace hepcap::select
