// Numbers in filters: how they are read, and how they order beside what a record holds.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hepcap::select {

// Whole numbers that fit 64 bits stay exact; all others are doubles.
struct Number {
    std::int64_t whole = 0;
    double real = 0;
    bool is_whole = true;
};

// Digits with a sign or a fraction before or behind them, or 0x and hexadecimal digits; nothing for
// any other text and for one of more than 40 characters.
std::optional<Number> parse_number(std::string_view text);

std::partial_ordering order(std::int64_t value, const Number& number);
std::partial_ordering order(double value, const Number& number);

// The order of a text by its value; unordered where it is not all digits.  However many digits it
// has: one that does not fit 64 bits is greater than every number that does.
std::partial_ordering order_digits(std::string_view text, const Number& number);

}  // namespace hepcap::select
