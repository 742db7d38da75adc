#include "select/filter_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <compare>
#include <string>

#include "base/excerpt.hpp"

namespace hepcap::select {
namespace {

using Kind = Token::Kind;

bool is_always_address(std::string_view key) { return key == "source_ip" || key == "destination_ip"; }

bool is_less(const Number& a, const Number& b) {
    return std::is_lt(a.is_whole ? order(a.whole, b) : order(a.real, b));
}

}  // namespace

Nature nature_of(const record::FieldRef& key) {
    // Of the text keys these hold addresses, the first two always, the others unless it is a host name.
    static constexpr std::array<std::string_view, 5> addresses{"source_ip", "destination_ip", "contact_ip",
                                                               "originator_ip", "sdp_ip"};
    static constexpr std::array<std::string_view, 3> lists{"encap", "codecs", "parse"};
    if (std::holds_alternative<record::Text record::Record::*>(key.member)) {
        return std::ranges::find(addresses, key.name) != addresses.end() ? Nature::address : Nature::text;
    }
    if (std::holds_alternative<record::Boolean record::Record::*>(key.member)) return Nature::boolean;
    if (std::holds_alternative<record::Json record::Record::*>(key.member)) {
        return std::ranges::find(lists, key.name) != lists.end() ? Nature::list : Nature::object;
    }
    return Nature::number;
}

void refuse(const Token& found, std::string_view expected) {
    refuse_filter(
        found.position,
        fmt::format("found {}, expected {}",
                    found.kind == Kind::end ? std::string("the end") : excerpt(found.spelling), expected));
}

Operand OperandRules::from(const Token& token) const {
    switch (token.kind) {
        case Kind::text: return from_text(token);
        case Kind::number: return from_number(token);
        case Kind::true_:
        case Kind::false_: return from_truth(token);
        case Kind::word:
            refuse_filter(token.position,
                          fmt::format("found the bare word {}, expected a value; write a text in quotes",
                                      excerpt(token.spelling)));
        default: refuse(token, "a value: a text in quotes or a number");
    }
}

Operand OperandRules::range(const Token& first, const Token& last) const {
    if (last.kind != Kind::number) refuse(last, "the number that ends the range");
    if (nature_ != Nature::number && nature_ != Nature::text) {
        refuse_filter(first.position, fmt::format("'{}' has no ranges of numbers", key_));
    }
    Operand operand;
    operand.form = Operand::Form::range;
    operand.spelling = first.spelling;
    operand.last_spelling = last.spelling;
    operand.number = number(first, first.spelling);
    operand.last = number(last, last.spelling);
    if (is_less(operand.last, operand.number)) {
        refuse_filter(first.position,
                      fmt::format("the range {}..{} ends before it begins", first.spelling, last.spelling));
    }
    return operand;
}

Number OperandRules::number(const Token& token, std::string_view text) const {
    const std::optional<Number> parsed = parse_number(text);
    if (parsed) return *parsed;
    refuse_filter(token.position, token.kind == Kind::number
                                      ? fmt::format("the number {} is out of range", excerpt(text))
                                      : fmt::format("'{}' is a number, and {} is none", key_, excerpt(text)));
}

Operand OperandRules::from_text(const Token& token) const {
    Operand operand;
    operand.spelling = token.value;
    switch (nature_) {
        case Nature::boolean: refuse(token, "true or false");
        case Nature::number: operand.number = number(token, token.value); break;
        case Nature::address: place(token, operand); break;
        default:
            if (token.value.empty() && op_ == Operator::equal) {
                refuse_filter(token.position,
                              fmt::format("a key is absent rather than empty: write 'not {}'", key_));
            }
    }
    return operand;
}

void OperandRules::place(const Token& token, Operand& operand) const {
    operand.network = Network::parse(token.value);
    if (operand.network) {
        if (!operand.network->is_single_address() && op_ && !is_equality(*op_)) {
            refuse_filter(token.position, "a network has no order; compare it by ==, != or in");
        }
    } else if (is_always_address(key_) || token.value.find('/') != std::string::npos) {
        refuse_filter(token.position, fmt::format("{} is no address and no network", excerpt(token.value)));
    }
}

Operand OperandRules::from_number(const Token& token) const {
    switch (nature_) {
        case Nature::boolean: refuse(token, "true or false");
        case Nature::address: refuse(token, "an address in quotes");
        case Nature::list: refuse(token, "a text in quotes");
        default: break;
    }
    Operand operand;
    operand.form = Operand::Form::number;
    operand.spelling = token.spelling;
    operand.number = number(token, token.spelling);
    return operand;
}

Operand OperandRules::from_truth(const Token& token) const {
    if (nature_ != Nature::boolean) {
        refuse_filter(token.position,
                      fmt::format("'{}' is not a key of true or false; write a text in quotes", key_));
    }
    Operand operand;
    operand.form = Operand::Form::boolean;
    operand.spelling = token.spelling;
    operand.truth = token.kind == Kind::true_;
    return operand;
}

}  // namespace hepcap::select
