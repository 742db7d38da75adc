#include "select/filter_lexer.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/ascii.hpp"
#include "base/error.hpp"

namespace hepcap::select {
namespace {

bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// What an unquoted word may hold.  More than keys and numbers need: an address, a domain or a time
// written without quotes is then one word in the error sentence, not five.
bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
           c == ':' || c == '/' || c == '-' || c == '+' || c == '@' || c == '*';
}

bool is_number(std::string_view word) {
    if (word.starts_with("0x") || word.starts_with("0X")) {
        for (const char c : word.substr(2)) {
            if (!is_hex_digit(c)) return false;
        }
        return word.size() > 2;
    }
    if (word.starts_with('-')) word.remove_prefix(1);
    std::size_t whole = 0;
    while (whole < word.size() && is_digit(word[whole])) ++whole;
    if (whole == 0) return false;
    if (whole == word.size()) return true;
    if (word[whole] != '.' || whole + 1 == word.size()) return false;
    for (const char c : word.substr(whole + 1)) {
        if (!is_digit(c)) return false;
    }
    return true;
}

struct Spelling {
    std::string_view text;
    Token::Kind kind;
};

// Longer ones first, so that "<=" is not "<".  The unknown ones are what people write who come from
// other languages: as one token, so that the error sentence can name them.
constexpr Spelling symbols[] = {
    {"===", Token::Kind::unknown},   {"=~", Token::Kind::unknown},       {"=>", Token::Kind::unknown},
    {"<>", Token::Kind::unknown},    {"==", Token::Kind::equal},         {"!=", Token::Kind::not_equal},
    {"<=", Token::Kind::less_equal}, {">=", Token::Kind::greater_equal}, {"!~", Token::Kind::not_tilde},
    {"&&", Token::Kind::and_},       {"||", Token::Kind::or_},           {"..", Token::Kind::dots},
    {"<", Token::Kind::less},        {">", Token::Kind::greater},        {"~", Token::Kind::tilde},
    {"!", Token::Kind::not_},        {"=", Token::Kind::unknown},        {"(", Token::Kind::open_paren},
    {")", Token::Kind::close_paren}, {"{", Token::Kind::open_brace},     {"}", Token::Kind::close_brace},
    {",", Token::Kind::comma},
};

constexpr Spelling keywords[] = {
    {"and", Token::Kind::and_}, {"or", Token::Kind::or_},     {"not", Token::Kind::not_},
    {"in", Token::Kind::in},    {"true", Token::Kind::true_}, {"false", Token::Kind::false_},
};

}  // namespace

void refuse_filter(std::size_t position, std::string_view sentence) {
    throw Error(fmt::format("filter, at character {}: {}", position + 1, sentence), ExitCode::usage);
}

Token FilterLexer::next() {
    while (position_ < expression_.size() && is_blank(expression_[position_])) ++position_;
    const std::string_view rest = expression_.substr(position_);
    if (rest.empty()) return take(Token::Kind::end, 0);
    if (rest.front() == '"' || rest.front() == '\'') return take_text(rest.front());
    for (const auto& [text, kind] : symbols) {
        if (rest.starts_with(text)) return take(kind, text.size());
    }
    if (is_word(rest.front())) return take_word();

    std::size_t length = 1;
    // Octets of one character in UTF-8 stay together.
    while (length < rest.size() && (static_cast<unsigned char>(rest[length]) & 0xc0) == 0x80) ++length;
    return take(Token::Kind::unknown, length);
}

Token FilterLexer::take(Token::Kind kind, std::size_t length) {
    Token token{kind, position_, expression_.substr(position_, length), {}};
    position_ += length;
    return token;
}

Token FilterLexer::take_text(char quote) {
    std::string value;
    for (std::size_t at = position_ + 1; at < expression_.size(); ++at) {
        const char c = expression_[at];
        if (c == quote) {
            Token token = take(Token::Kind::text, at + 1 - position_);
            token.value = std::move(value);
            return token;
        }
        if (c != '\\' || at + 1 == expression_.size()) {
            value += c;
            continue;
        }
        const char escaped = expression_[++at];
        switch (escaped) {
            case 'n': value += '\n'; break;
            case 'r': value += '\r'; break;
            case 't': value += '\t'; break;
            case '"':
            case '\'':
            case '\\': value += escaped; break;
            default: value += '\\'; value += escaped;
        }
    }
    refuse_filter(position_, fmt::format("this text has no closing {}", quote));
}

Token FilterLexer::take_word() {
    const std::string_view rest = expression_.substr(position_);
    std::size_t length = 0;
    while (length < rest.size() && is_word(rest[length])) {
        // The dots of a range end a word, 5060..5090.
        if (rest.substr(length).starts_with("..")) break;
        ++length;
    }
    const std::string_view word = rest.substr(0, length);
    for (const auto& [text, kind] : keywords) {
        if (word == text) return take(kind, length);
    }
    return take(is_number(word) ? Token::Kind::number : Token::Kind::word, length);
}

}  // namespace hepcap::select
