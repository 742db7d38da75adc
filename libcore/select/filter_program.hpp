// What a filter expression is compiled to: the tree in prefix order in one vector, each node with the
// number of nodes of its subtree, so that a walk steps over what it need not look at.  Made by
// filter_parser, run by filter, seen by nobody else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/network.hpp"
#include "record/fields.hpp"
#include "select/filter.hpp"
#include "select/filter_number.hpp"

namespace re2 {
class RE2;
}

namespace hepcap::select {

enum class Operator : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };

inline bool is_equality(Operator op) { return op == Operator::equal || op == Operator::not_equal; }

struct Operand {
    // How it was written, which is how it is printed.
    enum class Form : std::uint8_t { text, number, range, boolean };

    Form form = Form::text;
    bool truth = false;              // Form::boolean
    std::string spelling;            // the text without quotes and escapes, or the number's digits
    std::string last_spelling;       // Form::range: the upper end
    Number number;                   // Form::number, Form::range (lower end), or a text beside a number key
    Number last;                     // Form::range: the upper end
    std::optional<Network> network;  // a text beside an address key that is an address or a network
};

struct Node {
    enum class Kind : std::uint8_t {
        any_of,         // or: children follow
        all_of,         // and: children follow
        negation,       // not: one child follows
        present,        // the key alone
        comparison,     // one operand
        one_of,         // operands, tried one after the other
        one_of_sorted,  // operands that are plain text, in order: found by bisection
        pattern,        // ~
        no_pattern,     // !~
    };

    Kind kind = Kind::present;
    Operator op = Operator::equal;
    bool is_address = false;  // the key holds an address
    bool is_list = false;     // the key holds a JSON array whose elements are looked at
    std::uint32_t size = 1;   // nodes of the subtree, this one included
    std::uint32_t field = 0;  // index into record::field_refs
    std::uint32_t first = 0;  // index of the first operand, or of the pattern
    std::uint32_t count = 0;  // operands
    record::Member member = &record::Record::kind;
};

struct FilterProgram {
    std::vector<Node> nodes;
    std::vector<Operand> operands;
    std::vector<std::unique_ptr<const re2::RE2>> patterns;
    Filter::FieldSet fields;

    FilterProgram();
    ~FilterProgram();
    FilterProgram(const FilterProgram&) = delete;
    FilterProgram& operator=(const FilterProgram&) = delete;
};

}  // namespace hepcap::select
