// A filter program as an expression again, in the plain form that filter.hpp promises.
#include <re2/re2.h>

#include "select/filter.hpp"
#include "select/filter_program.hpp"

namespace hepcap::select {
namespace {

std::string_view symbol(Operator op) {
    switch (op) {
        case Operator::equal: return " == ";
        case Operator::not_equal: return " != ";
        case Operator::less: return " < ";
        case Operator::less_equal: return " <= ";
        case Operator::greater: return " > ";
        case Operator::greater_equal: return " >= ";
    }
    return {};
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            case '"':
            case '\\': out += '\\'; [[fallthrough]];
            default: out += c;
        }
    }
    out += '"';
}

void append_operand(std::string& out, const Operand& operand) {
    if (operand.form == Operand::Form::text) return append_quoted(out, operand.spelling);
    out += operand.spelling;
    if (operand.form == Operand::Form::range) out.append("..").append(operand.last_spelling);
}

class Printer {
public:
    explicit Printer(const FilterProgram& program) : program_(program) {}

    std::string print() {
        append(0);
        return std::move(out_);
    }

private:
    void append(std::size_t at) {
        const Node& node = program_.nodes[at];
        switch (node.kind) {
            case Node::Kind::any_of: return append_children(at, " or ");
            case Node::Kind::all_of: return append_children(at, " and ");
            case Node::Kind::negation: out_ += "not "; return append_child(Node::Kind::negation, at + 1);
            default: return append_test(node);
        }
    }

    void append_children(std::size_t at, std::string_view joint) {
        const std::size_t end = at + program_.nodes[at].size;
        for (std::size_t child = at + 1; child < end; child += program_.nodes[child].size) {
            if (child != at + 1) out_ += joint;
            append_child(program_.nodes[at].kind, child);
        }
    }

    // Parentheses around what binds no closer than its parent.
    void append_child(Node::Kind parent, std::size_t at) {
        const Node::Kind kind = program_.nodes[at].kind;
        const bool is_enclosed =
            kind == Node::Kind::any_of || (kind == Node::Kind::all_of && parent != Node::Kind::any_of);
        if (is_enclosed) out_ += '(';
        append(at);
        if (is_enclosed) out_ += ')';
    }

    void append_test(const Node& node) {
        out_ += record::field_refs[node.field].name;
        switch (node.kind) {
            case Node::Kind::pattern:
            case Node::Kind::no_pattern:
                out_ += node.kind == Node::Kind::pattern ? " ~ " : " !~ ";
                return append_quoted(out_, program_.patterns[node.first]->pattern());
            case Node::Kind::comparison:
                out_ += symbol(node.op);
                return append_operand(out_, program_.operands[node.first]);
            case Node::Kind::one_of:
            case Node::Kind::one_of_sorted: return append_set(node);
            default: return;
        }
    }

    void append_set(const Node& node) {
        out_ += " in {";
        for (std::uint32_t i = 0; i < node.count; ++i) {
            if (i != 0) out_ += ", ";
            append_operand(out_, program_.operands[node.first + i]);
        }
        out_ += '}';
    }

    const FilterProgram& program_;
    std::string out_;
};

}  // namespace

std::string Filter::to_text() const { return Printer(*program_).print(); }

}  // namespace hepcap::select
