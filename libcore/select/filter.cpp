#include "select/filter.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <compare>
#include <span>

#include "record/json_elements.hpp"
#include "select/filter_parser.hpp"
#include "select/filter_program.hpp"

namespace hepcap::select {
namespace {

using record::Boolean;
using record::Integer;
using record::Json;
using record::Real;
using record::Record;
using record::Text;

bool is_true(Operator op, std::partial_ordering order) {
    switch (op) {
        case Operator::equal: return std::is_eq(order);
        case Operator::not_equal: return std::is_neq(order);
        case Operator::less: return std::is_lt(order);
        case Operator::less_equal: return std::is_lteq(order);
        case Operator::greater: return std::is_gt(order);
        case Operator::greater_equal: return std::is_gteq(order);
    }
    return false;
}

bool is_present(Text text) { return !text.empty(); }
bool is_present(Integer integer) { return integer.present(); }
bool is_present(Real real) { return real.present(); }
bool is_present(Boolean boolean) { return boolean.present(); }
bool is_present(Json json) { return !json.text.empty(); }

bool contains_pattern(const re2::RE2& pattern, std::string_view text) {
    return pattern.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

// How a value stands to an operand under an operator; `equal` for what `in` asks.
std::partial_ordering order_to(Text text, const Operand& operand, Operator op) {
    if (operand.form == Operand::Form::number && !is_equality(op)) return order_digits(text, operand.number);
    return text <=> std::string_view(operand.spelling);
}
std::partial_ordering order_to(Integer integer, const Operand& operand, Operator) {
    return order(integer.value, operand.number);
}
std::partial_ordering order_to(Real real, const Operand& operand, Operator) {
    return order(real.value, operand.number);
}
std::partial_ordering order_to(Boolean boolean, const Operand& operand, Operator) {
    return (boolean.value == 1) == operand.truth ? std::partial_ordering::equivalent
                                                 : std::partial_ordering::unordered;
}

std::partial_ordering order_to_number(Text text, const Number& number) { return order_digits(text, number); }
std::partial_ordering order_to_number(Integer integer, const Number& number) {
    return order(integer.value, number);
}
std::partial_ordering order_to_number(Real real, const Number& number) { return order(real.value, number); }
std::partial_ordering order_to_number(Boolean, const Number&) { return std::partial_ordering::unordered; }

// A text key that holds an address, taken apart once however many networks it is held against.
struct AddressText {
    Text text;
    IpAddress address;
};

std::partial_ordering order_to(const AddressText& value, const Operand& operand, Operator op) {
    if (!operand.network) return value.text <=> std::string_view(operand.spelling);
    if (is_equality(op)) {
        return operand.network->contains(value.address) ? std::partial_ordering::equivalent
                                                        : std::partial_ordering::unordered;
    }
    const IpAddress& other = operand.network->address();
    if (value.address.size() != other.size()) return std::partial_ordering::unordered;
    return std::memcmp(value.address.data(), other.data(), other.size()) <=> 0;
}
std::partial_ordering order_to_number(const AddressText&, const Number&) {
    return std::partial_ordering::unordered;
}

template <class Value>
bool is_one_of(const Value& value, std::span<const Operand> operands) {
    return std::ranges::any_of(operands, [&](const Operand& operand) {
        if (operand.form != Operand::Form::range)
            return std::is_eq(order_to(value, operand, Operator::equal));
        return std::is_gteq(order_to_number(value, operand.number)) &&
               std::is_lteq(order_to_number(value, operand.last));
    });
}

class Matcher {
public:
    Matcher(const FilterProgram& program, const Record& record) : program_(program), record_(record) {}

    // The depth of this recursion is bounded by the parser: Filter::max_depth, twice.
    bool holds(std::size_t at) const {
        const Node& node = program_.nodes[at];
        const std::size_t end = at + node.size;
        switch (node.kind) {
            case Node::Kind::any_of:
                for (std::size_t child = at + 1; child < end; child += program_.nodes[child].size) {
                    if (holds(child)) return true;
                }
                return false;
            case Node::Kind::all_of:
                for (std::size_t child = at + 1; child < end; child += program_.nodes[child].size) {
                    if (!holds(child)) return false;
                }
                return true;
            case Node::Kind::negation: return !holds(at + 1);
            default: return std::visit([&](auto member) { return test(node, record_.*member); }, node.member);
        }
    }

private:
    std::span<const Operand> operands(const Node& node) const {
        return std::span(program_.operands).subspan(node.first, node.count);
    }

    template <class Value>
    bool test(const Node& node, const Value& value) const {
        if (!is_present(value)) return false;
        switch (node.kind) {
            case Node::Kind::present: return true;
            case Node::Kind::pattern: return has_pattern(node, value);
            case Node::Kind::no_pattern: return !has_pattern(node, value);
            default: return compares(node, value);
        }
    }

    template <class Value>
    bool compares(const Node& node, const Value& value) const {
        if (node.kind == Node::Kind::one_of) return is_one_of(value, operands(node));
        return is_true(node.op, order_to(value, program_.operands[node.first], node.op));
    }

    bool compares(const Node& node, const Text& text) const {
        if (node.kind == Node::Kind::one_of_sorted) {
            return std::ranges::binary_search(operands(node), text, {},
                                              [](const Operand& o) { return std::string_view(o.spelling); });
        }
        if (node.is_address) return compares<AddressText>(node, {text, parse_ip_address(text)});
        return compares<Text>(node, text);
    }

    bool compares(const Node& node, const Json& json) const {
        const bool wants_difference = node.kind == Node::Kind::comparison && node.op == Operator::not_equal;
        record::JsonElements elements(json.text);
        while (const auto element = elements.next()) {
            if (is_one_of(*element, operands(node))) return !wants_difference;
        }
        return wants_difference;
    }

    bool has_pattern(const Node& node, Text text) const {
        return contains_pattern(*program_.patterns[node.first], text);
    }

    bool has_pattern(const Node& node, const Json& json) const {
        if (!node.is_list) return has_pattern(node, json.text);
        record::JsonElements elements(json.text);
        while (const auto element = elements.next()) {
            if (has_pattern(node, *element)) return true;
        }
        return false;
    }

    bool has_pattern(const Node& node, Integer integer) const {
        return has_pattern_number(node, integer.value);
    }
    bool has_pattern(const Node& node, Real real) const { return has_pattern_number(node, real.value); }
    bool has_pattern(const Node&, Boolean) const { return false; }  // the parser refuses it

    // A number is searched as it is written in a record.
    template <class Value>
    bool has_pattern_number(const Node& node, Value value) const {
        char digits[32];
        const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
        return has_pattern(node, Text(digits, static_cast<std::size_t>(end - digits)));
    }

    const FilterProgram& program_;
    const Record& record_;
};

}  // namespace

FilterProgram::FilterProgram() = default;
FilterProgram::~FilterProgram() = default;

Filter Filter::parse(std::string_view expression) { return Filter(parse_filter(expression)); }

bool Filter::matches(const record::Record& record) const { return Matcher(*program_, record).holds(0); }

const Filter::FieldSet& Filter::fields() const { return program_->fields; }

}  // namespace hepcap::select
