// Which value may stand beside which key of a filter, and what it then means: the part of the language
// that knows the record's keys.  The grammar is filter_parser's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "record/fields.hpp"
#include "select/filter_lexer.hpp"
#include "select/filter_program.hpp"

namespace hepcap::select {

// What a key holds, as far as the choice of its values goes.
enum class Nature : std::uint8_t { text, address, number, boolean, list, object };

Nature nature_of(const record::FieldRef& key);

// Throws Error (usage): "filter, at character 8: found 'x', expected <expected>".
[[noreturn]] void refuse(const Token& found, std::string_view expected);

// Makes operands of tokens, or throws Error (usage) that says what the key takes instead.
class OperandRules {
public:
    // `op` is nothing inside braces.
    OperandRules(const record::FieldRef& key, std::optional<Operator> op)
        : key_(key.name), nature_(nature_of(key)), op_(op) {}

    Operand from(const Token& token) const;
    Operand range(const Token& first, const Token& last) const;

private:
    Number number(const Token& token, std::string_view text) const;
    Operand from_text(const Token& token) const;
    Operand from_number(const Token& token) const;
    Operand from_truth(const Token& token) const;
    void place(const Token& token, Operand& operand) const;

    std::string_view key_;
    Nature nature_;
    std::optional<Operator> op_;
};

}  // namespace hepcap::select
