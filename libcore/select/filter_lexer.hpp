// The words of a filter expression, one after the other.  The lexer knows no grammar and no key; it
// refuses only a text whose quote is never closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hepcap::select {

struct Token {
    enum class Kind : std::uint8_t {
        end,
        word,    // a key, or something that should have been in quotes
        text,    // quoted; `value` has it without quotes and escapes
        number,  // digits, sign, fraction; or 0x and hexadecimal digits
        equal,
        not_equal,
        less,
        less_equal,
        greater,
        greater_equal,
        tilde,
        not_tilde,
        in,
        and_,
        or_,
        not_,
        true_,
        false_,
        open_paren,
        close_paren,
        open_brace,
        close_brace,
        comma,
        dots,
        unknown,  // an octet or a run of them that starts nothing
    };

    Kind kind = Kind::end;
    std::size_t position = 0;   // octets before it
    std::string_view spelling;  // as it stands in the expression
    std::string value;          // Kind::text alone
};

// Throws Error (usage): "filter, at character 8: <sentence>".
[[noreturn]] void refuse_filter(std::size_t position, std::string_view sentence);

class FilterLexer {
public:
    explicit FilterLexer(std::string_view expression) : expression_(expression) {}

    Token next();

private:
    Token take(Token::Kind kind, std::size_t length);
    Token take_text(char quote);
    Token take_word();

    std::string_view expression_;
    std::size_t position_ = 0;
};

}  // namespace hepcap::select
