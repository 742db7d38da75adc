#include "select/filter_parser.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "base/nearest.hpp"
#include "select/filter_lexer.hpp"
#include "select/filter_rules.hpp"

namespace hepcap::select {
namespace {

using Kind = Token::Kind;

constexpr auto key_names = [] {
    std::array<std::string_view, record::field_count> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = record::field_refs[i].name;
    return names;
}();

std::optional<Operator> operator_of(Kind kind) {
    switch (kind) {
        case Kind::equal: return Operator::equal;
        case Kind::not_equal: return Operator::not_equal;
        case Kind::less: return Operator::less;
        case Kind::less_equal: return Operator::less_equal;
        case Kind::greater: return Operator::greater;
        case Kind::greater_equal: return Operator::greater_equal;
        default: return std::nullopt;
    }
}

class FilterParser {
public:
    explicit FilterParser(std::string_view expression) : lexer_(expression) {}

    std::shared_ptr<const FilterProgram> parse() {
        advance();
        if (token_.kind == Kind::end) refuse_filter(0, "the filter is empty, expected a key");
        expression(0);
        if (token_.kind == Kind::close_paren) refuse_filter(token_.position, "this ) closes nothing");
        if (token_.kind != Kind::end) refuse(token_, "'and', 'or' or the end");
        return std::move(program_);
    }

private:
    using Step = void (FilterParser::*)(std::size_t depth);

    void advance() { token_ = lexer_.next(); }

    void expression(std::size_t depth) {
        chain(Kind::or_, Node::Kind::any_of, &FilterParser::conjunction, depth);
    }
    void conjunction(std::size_t depth) { chain(Kind::and_, Node::Kind::all_of, &FilterParser::term, depth); }

    // One `part`, or several joined by `joint` under a node of their own, which is put before the first
    // once the second is there.
    void chain(Kind joint, Node::Kind kind, Step part, std::size_t depth) {
        std::vector<Node>& nodes = program_->nodes;
        const std::size_t at = nodes.size();
        (this->*part)(depth);
        if (token_.kind != joint) return;
        Node node;
        node.kind = kind;
        nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(at), node);
        while (token_.kind == joint) {
            advance();
            (this->*part)(depth);
        }
        nodes[at].size = static_cast<std::uint32_t>(nodes.size() - at);
    }

    void term(std::size_t depth) {
        if (depth > Filter::max_depth) {
            refuse_filter(token_.position,
                          fmt::format("nested deeper than {} levels; write it flatter", Filter::max_depth));
        }
        if (token_.kind == Kind::not_) {
            advance();
            const std::size_t at = program_->nodes.size();
            Node node;
            node.kind = Node::Kind::negation;
            program_->nodes.push_back(node);
            term(depth + 1);
            program_->nodes[at].size = static_cast<std::uint32_t>(program_->nodes.size() - at);
        } else if (token_.kind == Kind::open_paren) {
            const std::size_t opened = token_.position;
            advance();
            expression(depth + 1);
            if (token_.kind == Kind::end) refuse_filter(opened, "this ( is never closed");
            if (token_.kind != Kind::close_paren) refuse(token_, "'and', 'or' or ')'");
            advance();
        } else {
            test();
        }
    }

    void test() {
        if (token_.kind != Kind::word) refuse(token_, "a key, 'not' or '('");
        const std::optional<std::size_t> field = record::find_field(token_.spelling);
        if (!field) {
            refuse_filter(token_.position, fmt::format("no key {}{}", excerpt(token_.spelling),
                                                       did_you_mean(token_.spelling, key_names)));
        }
        const record::FieldRef& key = record::field_refs[*field];
        const Nature nature = nature_of(key);
        program_->fields.set(*field);
        Node node;
        node.field = static_cast<std::uint32_t>(*field);
        node.member = key.member;
        node.is_address = nature == Nature::address;
        node.is_list = nature == Nature::list;
        advance();

        const Token at = token_;
        if (const std::optional<Operator> op = operator_of(at.kind)) {
            check_operator(at, key, is_equality(*op));
            advance();
            compare(node, key, *op);
        } else if (at.kind == Kind::in) {
            check_operator(at, key, true);
            advance();
            one_of(node, key);
        } else if (at.kind == Kind::tilde || at.kind == Kind::not_tilde) {
            if (nature == Nature::boolean) {
                refuse_filter(at.position, fmt::format("'{}' is true or false; compare it by ==", key.name));
            }
            advance();
            node.kind = at.kind == Kind::tilde ? Node::Kind::pattern : Node::Kind::no_pattern;
            pattern(node);
        } else if (at.kind == Kind::unknown || at.kind == Kind::word || at.kind == Kind::text ||
                   at.kind == Kind::number) {
            refuse(at, at.spelling == "=" ? "an operator; equality is written =="
                                          : "an operator: == != < <= > >= ~ !~ in, or 'and', 'or', the end");
        }
        program_->nodes.push_back(node);
    }

    static void check_operator(const Token& at, const record::FieldRef& key, bool is_equality_or_in) {
        const Nature nature = nature_of(key);
        if (nature == Nature::object) {
            refuse_filter(at.position, fmt::format("'{}' is an object; search its JSON text by ~", key.name));
        }
        if (!is_equality_or_in && nature == Nature::list) {
            refuse_filter(at.position, fmt::format("'{}' is a list; ask by ==, !=, in, ~ or !~", key.name));
        }
        if (!is_equality_or_in && nature == Nature::boolean) {
            refuse_filter(at.position,
                          fmt::format("'{}' is true or false; compare it by == or !=", key.name));
        }
    }

    void compare(Node& node, const record::FieldRef& key, Operator op) {
        node.kind = Node::Kind::comparison;
        node.op = op;
        node.first = static_cast<std::uint32_t>(program_->operands.size());
        node.count = 1;
        program_->operands.push_back(OperandRules(key, op).from(token_));
        advance();
    }

    void one_of(Node& node, const record::FieldRef& key) {
        if (token_.kind != Kind::open_brace) refuse(token_, "'{'");
        const OperandRules rules(key, std::nullopt);
        std::vector<Operand>& operands = program_->operands;
        node.kind = Node::Kind::one_of;
        node.first = static_cast<std::uint32_t>(operands.size());
        do {
            advance();
            const Token value = token_;
            if (value.kind == Kind::close_brace) refuse(value, "a value");
            Operand operand = rules.from(value);
            advance();
            if (token_.kind == Kind::dots && value.kind == Kind::number) {
                advance();
                operand = rules.range(value, token_);
                advance();
            }
            operands.push_back(std::move(operand));
        } while (token_.kind == Kind::comma);
        if (token_.kind != Kind::close_brace) refuse(token_, "',' or '}'");
        advance();
        node.count = static_cast<std::uint32_t>(operands.size()) - node.first;
        if (nature_of(key) == Nature::text) sort_texts(node);
    }

    // A block list may be thousands of texts long: it is put in order, so that a record is looked up in it
    // instead of being held against every one.
    void sort_texts(Node& node) {
        std::vector<Operand>& operands = program_->operands;
        const auto begin = operands.begin() + static_cast<std::ptrdiff_t>(node.first);
        const bool all_texts = std::all_of(begin, operands.end(),
                                           [](const Operand& o) { return o.form == Operand::Form::text; });
        if (!all_texts) return;
        std::sort(begin, operands.end(),
                  [](const Operand& a, const Operand& b) { return a.spelling < b.spelling; });
        const auto repeated = std::unique(begin, operands.end(), [](const Operand& a, const Operand& b) {
            return a.spelling == b.spelling;
        });
        operands.erase(repeated, operands.end());
        node.kind = Node::Kind::one_of_sorted;
        node.count = static_cast<std::uint32_t>(operands.size()) - node.first;
    }

    void pattern(Node& node) {
        if (token_.kind != Kind::text) refuse(token_, "a pattern in quotes");
        if (program_->patterns.size() == Filter::max_patterns) {
            refuse_filter(token_.position, fmt::format("more than {} patterns; join some by | into one",
                                                       Filter::max_patterns));
        }
        re2::RE2::Options options(re2::RE2::Quiet);
        options.set_max_mem(2 << 20);
        auto compiled = std::make_unique<const re2::RE2>(token_.value, options);
        if (!compiled->ok()) {
            refuse_filter(token_.position,
                          fmt::format("the pattern {} cannot be used: {}", excerpt(token_.value),
                                      excerpt(compiled->error(), 100)));
        }
        node.first = static_cast<std::uint32_t>(program_->patterns.size());
        program_->patterns.push_back(std::move(compiled));
        advance();
    }

    FilterLexer lexer_;
    Token token_;
    std::shared_ptr<FilterProgram> program_ = std::make_shared<FilterProgram>();
};

}  // namespace

std::shared_ptr<const FilterProgram> parse_filter(std::string_view expression) {
    if (expression.size() > Filter::max_length) {
        throw Error(fmt::format("filter: {} octets long, more than the {} that are allowed",
                                expression.size(), Filter::max_length),
                    ExitCode::usage);
    }
    return FilterParser(expression).parse();
}

}  // namespace hepcap::select
